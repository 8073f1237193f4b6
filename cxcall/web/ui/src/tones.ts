// Short tones made here: no sound file to load.

let context: AudioContext | undefined;

/** Play tones, each with the second it starts and its pitch in hertz. Silent before the first click on a page. */
export function play(tones: readonly (readonly [number, number])[]): void {
  const sound = (context ??= new AudioContext());
  // Browsers refuse sound before the first click on a page; then the notification alone must do.
  if (sound.state !== "running") void sound.resume().catch(() => undefined);
  for (const [start, pitch] of tones) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, sound.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.15, sound.currentTime + start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + start + 0.2);
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + start);
    tone.stop(sound.currentTime + start + 0.21);
  }
}
