"""What VADER weighs though it says nothing in a call: politeness and the words of business ("credit card").

Written for cxcall.
"""

from __future__ import annotations

NOTHING = """
honestly
to be honest
laughed
surprise
surprised
forget
forgot
please
number
hello
dear
yes
yeah
yep
no
sure
okay
ok
alright
all right
well
fine
thats|that|is|its fine
thats|that is good
good morning|afternoon|evening|day|night|bye|luck
have a good|nice|lovely|great day|evening|weekend|one
help
can|could|would you help
help me|with
i need|want some|your|a help
helpful
sorry
im|i am sorry
sorry to bother|trouble
excuse me
pardon
apology|apologize|apologise|apologies
like
id|i|would|i'd|we like
looks|look like
id|i would love
interest|interested
interest rate
credit|credits
credit card|limit|note
free
free of charge
save|saved|saving|savings
share|shared|shares
security|secure
insurance
card
want|wants|wanted
pay|paid
charge|charged|charges
cancel|cancelled|canceled|cancellation
stop|stopped
cut
drop|dropped
block|blocked
hand
kind of
what|which|that|a|this|any|some kind
care
customer care
benefit|benefits
value|valued
worth
active|activate|activated
certain|certainly
clear
natural
original
special
limited
low|lower
lost|lose
true
ready
positive
top
top up
energy
play
join|joined
matter
doesnt matter
miss|missed
missed call
emergency
debt
demand
alone
chance
gift
gift card
leave|leaving|left
alert|alerts
warning
warm
strong
big|huge
easy
trust
novel
friend|friends
party
chat
safe
safety
support
treat
fire
kill
hell
dead
dump
sink
degree
engaged
easter
luck
pressure
allowed|allow
increase|increased
reach|reached
accept|accepted
admit
agree|agreed
approved
comfort
commitment
confirm|confirmed
credited
determined
direct
expand
fair
fund|funds
god
grant
growth
hope|hopes
hoping
huge
important
improve
intelligent
launched
legally
mature
opportunity
outstanding balance|amount|payment|bill
peace
perfect tense
prevent
primary
promise|promised
protect|protected|protection
resolve
respect
responsible
reward|rewards
smart
smart phone|tv|meter
solution|solve|solved
superior
supported
welcome
youre|you are welcome
won
yeah right here
yes right
accident|accidents
adverse
apnea
argue
arrest
avoid
bankrupt
burden
capable
collide
contagious
crash
damage cover|insurance
death
debit
delay in payment
delayed start
deny
difficult
disconnect
discount
doubt
no doubt
exclude
expel
fee
fight
fined
flu
funeral
injury
isolated
late fee|payment
legal
no|any other problem
offline
pain
penalty
poison
poor thing
postpone|postponed
rejected
reject
risk
rob
sad
shortage
shy
sick leave
sick
slow down
strike
suspect
tank
toll
tumor
unsubscribe
victim
war
weak
wrong number
no no
no thanks
no thank you
no problem
no worries
never mind
not sure
not yet
no idea
im afraid
lol
"""
