"""What pleased callers say in English; thanks weigh little.

Written for cxcall. One phrase a line; `a|b` stands for either word. What such a line weighs is in `english`.
"""

from __future__ import annotations

VERY_GOOD = """
made my day
couldnt be happier|better|easier
could not be happier|better|easier
best service|support|company|experience|customer
never had such good|great
over the moon
five stars
ten out of ten
above and beyond
life saver
lifesaver
youre|you are a star|legend|angel|gem|hero
absolute star|legend|pleasure
highly recommend
would recommend
will recommend
definitely recommend
"""

GOOD = """
cant|cannot|couldnt thank you enough
out of your|his|her|their way for|to
in one piece
marvellous
superb
splendid
smashing
chuffed
first class
top notch
what a difference
been|was|were a great|big|huge help
really|so|very|extremely helpful
most helpful
been|was|were helpful
very|so kind|nice|patient|polite|friendly|clear of
very|so kind
very|so|really quick|fast|easy
thats|that is|thats all perfect|great|brilliant|wonderful|lovely|excellent|fantastic|amazing|good
really appreciate
i|we|much appreciate|appreciated
works now|again|perfectly|great|fine|well
working now|again|perfectly|great|fine|well
its|is|that|it worked|works
that|it fixed|solved|sorted it
is|are|was|got|been|all|its|thats fixed|solved|resolved|sorted
problem|issue is|was|been|got|has solved|fixed|resolved|sorted|gone
problem|issue solved|fixed|resolved|sorted|gone
you fixed|solved|sorted it|that|everything|this|my
fixed|solved|sorted it|that|this|everything
fixed|sorted|solved it|that|this for me
for sorting|fixing|solving|helping
thanks|thank you for calling|getting|sorting|fixing|solving|helping|explaining
everything is|was|works fine|good|great|perfect|ok|okay
all good|sorted|fine now
fine now
much|so|far|a better|easier|faster|quicker
lot better|easier|faster|quicker
better now
so much better|faster|easier|quicker
no|any complaints
no|any complaint
no|any problem|problems|issues|trouble at all
no|any problem|problems|issues with
never|not had|have a|any problem|issue|complaint|problems
never a problem
dont|didnt have any|a problem|issue|complaint|complaints|problems|issues|trouble
no problem with|at
no hassle|fuss
not a problem
not bad
not difficult|hard|complicated
doesnt|didnt hurt
happy to wait|hear
exactly what i
sounds|looks good|great|perfect|fine|lovely
a relief
thank goodness|god
such|what a relief|pleasure
great|good|excellent|amazing|fantastic|brilliant|wonderful job|service|work|support
did a good|great|wonderful|fantastic|amazing job
well done
good job|work
keep it up
cant fault
easier|faster|quicker|better than
day|days|bit early
ahead of time
on time
came|come|went through
is|its back
good|great offer|price|deal|value
been with you for
saved me
you saved
you did everything
tell my friends
i|we love
i like how|that|the way|it
keep up the
nice one
fair enough
at last it works
quick|fast|prompt
quickly|promptly|smoothly
polite
patient
honest
professional
reliable
courteous
spot on
impressed
"""

THANKS = """
thank you
thank you very much
many thanks
thanks
thank
cheers
lovely
"""

MORE_THANKS = """
thank you so|ever much|so
thanks so|a so|lot|million much|lot
thanks a lot|million|bunch
"""
