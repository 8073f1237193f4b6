"""Sentences of listening, recording and speech as they are kept and answered, for `listener_words.said`.

They are English where they are made, in rooms that know no language of readers, and in the database since then: so they
are known here by their text. %(why)s is looked up again, or shown as it came: what Asterisk, the system or a library
said. A test reads the rooms' code and finds every sentence that is missing here.
"""

from __future__ import annotations

from cxcall.web.words import N_

SENTENCES = (
    # listening to and recording a call
    N_("This call is over."),
    N_("Nobody talks in this call yet."),
    N_("The caller did not agree to be listened to."),
    N_("There is no speech model for this queue's language."),
    N_("Too many calls are being transcribed now. Try again in a moment."),
    N_("Not connected yet."),
    N_("This Asterisk has no AudioSocket (module chan_audiosocket). Load it, or set ari_url of its [[ami]] table."),
    N_("There is no connection to this Asterisk now."),
    N_("There is no connection to Asterisk now."),
    N_("There is no connection to %(server)s now."),
    N_("There is no connection to Asterisk's REST interface."),
    N_("The audio port is not open."),
    N_("Set audio of [[ami]] %(server)s: this machine's address as %(host)s sees it."),
    N_("Asterisk did not begin to listen: %(why)s"),
    N_("Asterisk did not connect to %(address)s within %(seconds)s s."),
    N_("Asterisk can't connect to %(address)s: is cxcall's audio port open to its machine?"),
    N_("Asterisk did not answer %(action)s within %(seconds)s s."),
    N_("Asterisk refused %(action)s without a reason"),
    N_("%(url)s does not answer."),
    N_("%(url)s closed the connection."),
    N_("%(url)s can't be asked: %(why)s."),
    N_("%(url)s can't be reached: %(why)s."),
    N_("%(url)s refuses us (%(status)s): check ari_user and ari_password."),
    N_("%(url)s refuses us (%(status)s): check ari_url and ari.conf."),
    N_("no answer"),
    N_("The caller did not agree to be recorded."),
    N_("This call is not recorded."),
    N_("Nobody is on the line any more."),
    N_("Asterisk goes on recording: %(why)s"),
    N_("The recording is still paused: %(why)s"),
    N_("Asterisk does not record this call: %(why)s"),
    N_("The Asterisk %(server)s has a disk of its own: set recordings.dir to a folder both see."),
    N_("The folder %(folder)s can't be made: %(why)s."),
    # recordings and work after the call
    N_("Nobody talked."),
    N_("Parts in which neither phone sent anything are missing: times in this recording are too early."),
    N_("Nothing was recorded: neither side sent any sound."),
    N_("It has no files."),
    N_("%(file)s is no WAV file."),
    N_("%(file)s has %(channels)s channels of %(rate)s Hz; Asterisk was to write one of %(wanted)s Hz."),
    N_("The recording could not be had."),
    N_("The file of the recording is gone."),
    N_("The name of the file leads out of its folder."),
    N_("The file is not there any more. Send it again."),
    N_("The sound did not come."),
    N_("The database did not take it: %(why)s"),
    N_("The database did not take it: %(why)s. Try again."),
    N_("The database does not answer: %(why)s."),
    N_("it did not answer in time"),
    N_("It broke off: %(why)s"),
    N_("It stopped in the middle too often."),
    N_("No space left on device"),
    N_("Permission denied"),
    N_("No such file or directory"),
    # files of sound
    N_("There is no file %(file)s."),
    N_("%(file)s is a folder. Name a file."),
    N_("%(file)s can't be read: %(why)s."),
    N_("%(file)s is empty: there is no sound in it."),
    N_("%(file)s is no sound that can be read. Give WAV, MP3, M4A, Ogg, WebM, FLAC or AMR."),
    N_("There is no sound in %(file)s. Give a file with speech in it."),
    N_("%(file)s has %(rate)s samples a second, which is no sound of speech. Give a file of 8 kHz or more."),
    # models
    N_(
        "There is no speech model for the language %(language)s. Put one into the folder that speech.models"
        " names, with `cxcall speech install %(code)s`."
    ),
    N_(
        "There is no speech model for the language %(language)s. Installed here: %(others)s. Put one into the"
        " folder that speech.models names, with `cxcall speech install %(code)s`."
    ),
    N_(
        "There is no %(engine)s model for the language %(language)s. Put one into the folder that"
        " speech.models names, with `cxcall speech install %(code)s`."
    ),
    N_(
        "There is no %(engine)s model for the language %(language)s. Installed here: %(others)s. Put one into"
        " the folder that speech.models names, with `cxcall speech install %(code)s`."
    ),
    N_("The model in %(folder)s can't be read: %(why)s. Give cxcall's user the right to read it."),
    N_("The Vosk model in %(folder)s lacks %(what)s. Install it again."),
    N_("The Vosk model in %(folder)s is broken at %(what)s. Install it again."),
    N_("The Vosk model in %(folder)s has no conf/mfcc.conf. Install it again."),
    N_("The Vosk model in %(folder)s can't be read: %(why)s. Check the rights of its files."),
    N_("The Vosk model in %(folder)s wants %(rate)s samples a second, which no telephone has."),
    N_("The Vosk model in %(folder)s can't be loaded. Is it whole? Install it again."),
    N_("The Vosk model %(model)s refuses the sound. Install it again."),
    N_("The engine vosk can't be loaded: %(why)s. Install cxcall again."),
    N_("The engine whisper is not installed. Install it with: pip install 'cxcall[whisper]'"),
    N_("The Whisper model in %(folder)s lacks %(what)s. Install it again."),
    N_("The Whisper model in %(folder)s lacks its vocabulary. Install it again."),
    N_("The Whisper model in %(folder)s is broken at %(what)s. Install it again."),
    N_("The Whisper model in %(folder)s can't be loaded: %(why)s. Install it again."),
    N_("The Whisper model in %(folder)s can't be used: %(why)s. Install it again."),
    N_("The Whisper model %(model)s knows English only, not %(language)s. Choose another model."),
    N_("%(model)s can't be loaded: %(why)s"),
    N_("Say which language the model %(model)s is to understand."),
    N_("cxcall is stopping."),
)
