"""English talks that go well: questions, payments, dates, thanks."""

from __future__ import annotations

from cxcall.demo.dialogues.dialogue import Dialogue, agent, customer

PRAISE = Dialogue(
    id="praise",
    language="en",
    finds=("greeting", "anything_else", "praise"),
    scores=(5, 5),
    slots=({"thing": "new sofa"}, {"thing": "garden table"}, {"thing": "new phone"}),
    lines=(
        agent("Good morning, thank you for calling. How can I help you?"),
        customer("Hello. I just want to say thank you. Your colleague yesterday was very helpful."),
        agent("Oh, that is very nice of you."),
        customer("The {thing} came on time and it is perfect. Great service, really."),
        agent("Thank you. I will tell the team. Is there anything else I can do?", duty="anything_else"),
        customer("No, that is all. I am very happy with everything. Goodbye."),
        agent("Have a wonderful day. Goodbye."),
    ),
)

PRICE = Dialogue(
    id="price",
    language="en",
    finds=("greeting", "identity", "anything_else", "price", "instalments"),
    scores=(4, 5),
    queues=("sales",),
    slots=(
        {"size": "larger", "amount": "forty five", "months": "twelve"},
        {"size": "family", "amount": "thirty", "months": "six"},
        {"size": "business", "amount": "eighty", "months": "ten"},
    ),
    lines=(
        agent("Good afternoon, sales department. How can I help you?"),
        customer("Hello. How much is the {size} plan? I could not find the price list."),
        agent("I am happy to help. May I ask your name?", duty="identity"),
        customer("Martin Keller. I am a customer already."),
        agent("Thank you. The {size} plan costs {amount} dollars a month.", after=1.1),
        customer("Is there a discount? And can I pay in instalments?"),
        agent("Yes, you can pay in {months} parts, and the first month is free."),
        customer("That is a good offer. I like it."),
        agent("Shall I send it to you by email? And is there anything else?", duty="anything_else"),
        customer("Yes please, by email. Thank you very much."),
        agent("You are welcome. Goodbye."),
    ),
)

CARD = Dialogue(
    id="card",
    language="en",
    finds=("greeting", "identity", "anything_else", "billing", "card_payment"),
    scores=(4, 5),
    slots=({"amount": "eighty two"}, {"amount": "one hundred and ten"}, {"amount": "thirty six"}),
    lines=(
        agent("Good morning, thank you for calling. How can I help you?"),
        customer("Hello. I would like to pay my bill over the phone."),
        agent("Of course. Can you confirm your date of birth, please?", duty="identity"),
        customer("The ninth of June nineteen ninety."),
        agent("Thank you. The amount is {amount} dollars. Please tell me the card number."),
        customer("Four five three nine, five seven eight seven, six three six two, one four eight six.", after=1.2),
        agent("Thank you. One moment. The payment was successful.", after=1.0),
        customer("Great, that was easy."),
        agent("Is there anything else I can do for you?", duty="anything_else"),
        customer("No, thank you. Goodbye."),
    ),
)

APPOINTMENT = Dialogue(
    id="appointment",
    language="en",
    finds=("greeting", "identity", "anything_else", "call_back_promised"),
    scores=(4, 5),
    slots=(
        {"day": "Thursday", "time": "ten"},
        {"day": "Tuesday", "time": "nine"},
        {"day": "Sunday", "time": "eleven"},
    ),
    lines=(
        agent("Good afternoon, thank you for calling. How can I help?"),
        customer("Hi. I need an appointment with your technician this week."),
        agent("Sure. What is your full name, please?", duty="identity"),
        customer("Julia Bennett."),
        agent("Thank you. I have {day} at {time} in the morning. Does that suit you?", after=1.3),
        customer("Yes, {day} is perfect."),
        agent("Good. I will call you back one hour before he comes. Anything else?", duty="anything_else"),
        customer("No, thanks a lot. That was quick."),
        agent("You are welcome. Goodbye."),
    ),
)

ADDRESS = Dialogue(
    id="address",
    language="en",
    finds=("greeting", "identity", "anything_else", "address_change", "praise"),
    scores=(4, 5),
    slots=({"street": "Station Road"}, {"street": "Park Avenue"}, {"street": "River Street"}),
    lines=(
        agent("Good morning, thank you for calling. How can I help you?"),
        customer("Good morning. I have moved and I want to change my address."),
        agent("No problem. Can you confirm your old postcode, please?", duty="identity"),
        customer("It is five zero two one three."),
        agent("Thank you. And the new address?"),
        customer("Twenty eight {street}, second floor."),
        agent("Done. Your next order goes to {street}.", after=1.2),
        customer("Thank you, that was very kind."),
        agent("Is there anything else I can do for you?", duty="anything_else"),
        customer("No, that is everything. Thanks for the great help."),
    ),
)

PRIVACY = Dialogue(
    id="privacy",
    language="en",
    finds=("greeting", "identity", "privacy"),
    scores=(2, 3),
    queues=("sales",),
    slots=({"times": "four"}, {"times": "three"}, {"times": "five"}),
    lines=(
        agent("Hello, sales department. How can I help?"),
        customer("Hello. You called me {times} times this week. Please take me off your list."),
        agent("I am sorry. Can you confirm your phone number?", duty="identity"),
        customer("You have it there. I want you to delete my data. It is annoying."),
        agent("I open a privacy request for you. You get a letter within two weeks.", after=1.1),
        customer("And nobody calls me until then?"),
        agent("Nobody. I promise. Goodbye."),
        customer("Okay. Goodbye."),
    ),
)
