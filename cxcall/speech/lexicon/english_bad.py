"""What unhappy callers say in English.

Written for cxcall. One phrase a line; `a|b` stands for either word. What such a line weighs is in `english`.
"""

from __future__ import annotations

VERY_BAD = """
worst company|service|experience|support
never again
sick and tired
fed up
had enough
rip off
ripped off
ripped me off
total|complete|absolute joke
is|its a joke
youre joking
are you kidding
this is ridiculous|unacceptable|outrageous|insane|disgraceful
not acceptable
cant accept this
waste|wasting|wasted of time
waste|wasting|wasted my time
you lied
lied to me
been lied
hung|hangs|hang up on me
thanks for nothing
nobody cares
no one cares
you dont care
speak|talk to a|your|the manager|supervisor
want a|your manager|supervisor
get me a|your manager|supervisor
make|file|raise|lodge a complaint
i want to complain
ill sue
my lawyer|solicitor
take you to court
report you
want my money back
give me my money back
i demand
how dare
what kind of service|company
couldnt care less
scammed|scam
fobbed off
driving me crazy|mad|nuts
losing my patience
lost my patience
running out of patience
out of patience
"""

BAD = """
surprise surprise
without asking|telling|warning|permission|notice
without my permission|consent|knowledge
without doing|checking|listening
take|taking|takes responsibility
this is what i|we get
keeps|keep asking me
same thing|question over
why i|we should stay|bother|pay
dont|do not owe
have to chase|fight|beg
chase|chasing you
out of my account
shoddy
sloppy
crap
rubbish
garbage
gutted
third|fourth|fifth|sixth|tenth time
second time this week|month
how many times
so many times
yet again
every single time
nobody|noone helped|helps|help
no one helped|helps|help
nobody|noone called|calls|answers|answered|listens|listened|knows|responds|responded|came|showed
no one called|calls|answers|answered|listens|listened|knows|responds|responded|came|showed
nobody is listening|helping|answering
no one is listening|helping|answering
nobody ever
no one ever
nobody can tell|help|explain
no one can tell|help|explain
never called back|me
never called me back
didnt call back|me
didnt call me back
never showed|came|arrived|turned
didnt show|come|arrive|turn
hasnt arrived|come|shown|happened|changed
havent received|heard|got|gotten
never received|got|heard
still havent|hasnt
still waiting
still not|no
still isnt|doesnt|cant
still nothing
nothing has changed|happened
nothing changed|works|happened
nothing is working
on hold for
been waiting
been on hold
kept waiting
keep waiting
kept me waiting
waiting for hours|days|weeks|months
waiting since
waited for hours|days|weeks|months
waited all day|morning|afternoon
hours on the phone
keep|keeps|kept dropping|crashing|failing|cutting|disconnecting|freezing|breaking|stopping
keep|keeps|kept sending me
keep|keeps|kept calling
keep|keeps|kept telling me
keep|keeps|kept saying
keep|keeps|kept repeating
keep|keeps|kept changing
from one department|person|place to another
passed|sent|transferred around
back and forth
going round|around in circles
run|running|runaround around
doesnt|dont|didnt|wont|isnt|wasnt|not|never|stopped|stops|cant work|working|works
doesnt|dont|didnt help|solve
does|do|did|is|was|will not work|help|working
not working
not fixed|solved|resolved|sorted|repaired|done
isnt|wasnt|hasnt|not been|being fixed|solved|resolved|sorted|repaired
isnt|wasnt fixed|solved|resolved|sorted|done|right|true|fair
no signal|connection|internet|service|phone|heating|electricity|power|reception
without internet|phone|power|electricity|heating|water
charged|billed me|us twice|again|double
charged|billed twice|double|wrongly|incorrectly
overcharged
overcharging
double charged
wrong bill|amount|item|size|order|address|price
wrong again
mistake on my|the bill|invoice|account
never ordered|asked|agreed|signed
didnt order|ask|agree|authorize|authorise|sign
not paying
wont pay
refuse to pay
refuses|refused|refusing
money back
wheres|where is my money|refund|order|parcel|package
cancel my|the|this account|contract|subscription|service|membership
cancelling my|the|this account|contract|subscription|service|membership
closing my account
close my account
take my business elsewhere
going to another|your competitor|competitors
switch|switching|move|moving to another|someone
leaving you
not what i|we|was
nothing like
i was told yesterday|last|it
i was promised
you promised
he|she|they promised
you|they|he|she said it|you|they would|will
broken promise|promises
explained this|it|that already|again|before
explained this|it three|four|five|many|several times
have|having to repeat
why do i have|need
why is it|this so hard
why does it take
how hard can
how long do i have
how much longer
takes|taking|took forever|ages
takes|take|taking|took so|too long
far too long
too slow|expensive|late|complicated|much
very|so|really slow
even slower|worse
worse than
getting worse
no sense
makes no sense
doesnt make sense
dont understand why
no idea why
cant log|access|use|open|pay|get|reach|call|connect|sign|believe|afford
cannot log|access|use|open|pay|get|reach|connect|sign|work|believe|afford
unable to
was|got|been declined|rejected|cut|disconnected|blocked|locked
cut off
locked out
app|website|site|page|screen crashes|freezes|hangs
crashes every
got|getting|go|goes nowhere
no help
no use
no good
not good|happy|satisfied|pleased|impressed|helpful|enough|right|fair|true
not recommend
no answer|reply|response|update|explanation|reason
dont trust
cant trust
dont tell me
not my fault|problem
your fault|mistake
not listening
doesnt listen
dont|doesnt care
left it|them|me in the
took a day off
day off work
losing customers|money|business
costing me
lost money|customers|business
paying for something|nothing
arrived|came broken|damaged|late|smashed|empty|wrong
is|was|are damaged|smashed|leaking|missing|faulty|defective|broken
fallen apart
fell apart
fake|counterfeit
hidden fee|fees|charges|charge|costs
wasnt|werent|never told|informed|warned
nobody|noone told|informed|warned me
no one told|informed|warned me
i regret
let me down
let down
stressed|stressful
heard that before
heard it before|all
yeah right
oh great|wonderful|brilliant another|so|now
just great|what
hardly works
what a joke|mess|shame|nightmare|disaster
nightmare
shambles
appalling
atrocious
unhelpful
unprofessional
incompetent
unreliable
dishonest
misleading
misled
poor service|quality|signal|line|connection
"""

LITTLE_BAD = """
again and again
once again
not sure thats
a bit slow|late|annoying|confusing|disappointing
havent
too
late
slow
expensive
complicated
unfortunately
noisy
crackling
worried
concerned
delayed
delay
overdue
missing
complain
complaining
"""

REASONS = """
error
problem|problems
issue|issues
trouble
fault|faulty
complaint
"""
"""Why people call at all: it says little about how they feel."""
