"""English talks with customers who are not content, at first or to the end."""

from __future__ import annotations

from cxcall.demo.dialogues.dialogue import Dialogue, agent, customer

DOUBLE_CHARGE = Dialogue(
    id="double_charge",
    language="en",
    finds=("greeting", "identity", "anything_else", "duplicate_charge", "complaint", "refund"),
    scores=(2, 4),
    queues=("support",),
    slots=(
        {"day": "Monday", "amount": "sixty dollars", "number": "four seven one nine"},
        {"day": "Tuesday", "amount": "ninety dollars", "number": "two eight five three"},
        {"day": "last Friday", "amount": "twenty five dollars", "number": "six one four eight"},
    ),
    lines=(
        agent("Good morning, thank you for calling. How can I help you?"),
        customer("Hello. I have been charged twice for the same order. I am really unhappy about this."),
        agent("I am sorry to hear that. Can you confirm your customer number, please?", duty="identity"),
        customer("Yes, it is {number}. You took {amount} on {day}, two times."),
        agent("Thank you. Let me look at both payments.", after=0.9),
        customer("This is terrible service. It is not the first mistake.", after=1.4),
        agent("You are right, there are two payments. I can give you a refund for the second one today."),
        customer("And when will I get my money back?"),
        agent("It will be on your account on Thursday."),
        customer("Okay, that is better. Thank you."),
        agent("You are welcome. Is there anything else I can do for you?", duty="anything_else"),
        customer("No, that is all. Goodbye."),
        agent("Thank you for your patience. Goodbye."),
    ),
)

LATE_DELIVERY = Dialogue(
    id="late_delivery",
    language="en",
    finds=("greeting", "identity", "anything_else", "delivery_late", "complaint"),
    scores=(2, 4),
    slots=(
        {"days": "nine", "day": "tomorrow", "number": "five five two"},
        {"days": "twelve", "day": "on Saturday", "number": "one eight three"},
        {"days": "six", "day": "on Monday", "number": "seven zero four"},
    ),
    lines=(
        agent("Good afternoon, thank you for calling. How can I help?"),
        customer("Hi. I want to know where is my order. It has not arrived and I ordered it {days} days ago."),
        agent("I am sorry about the wait. May I have your full name and the order number?", duty="identity"),
        customer("The number is {number}. I am very disappointed. You promised three days."),
        agent("I can see it. The parcel is still in our warehouse.", after=1.2),
        customer("That is not good enough. I needed it for a birthday."),
        agent("I understand. I will send it by express today and it will be with you {day}."),
        customer("All right. I hope so."),
        agent("You do not pay for the delivery. Is there anything else?", duty="anything_else"),
        customer("No. Thanks for your help. Bye."),
    ),
)

INTERNET_DOWN = Dialogue(
    id="internet_down",
    language="en",
    finds=("greeting", "identity", "anything_else", "fault", "praise"),
    scores=(3, 5),
    queues=("support",),
    slots=(
        {"time": "this morning", "light": "red"},
        {"time": "last night", "light": "orange"},
        {"time": "yesterday", "light": "red"},
    ),
    lines=(
        agent("Good morning, technical support. How can I help you?"),
        customer("Hello. My internet is down since {time}. Nothing works and I work from home."),
        agent("I am sorry. Can you confirm your date of birth for me?", duty="identity"),
        customer("The second of May nineteen eighty four."),
        agent("Thank you. Which lights are on at the router?"),
        customer("The power is on, but the second light is {light}.", after=1.5),
        agent("Please turn the router off, wait ten seconds, and turn it on again."),
        customer("Okay, I am doing that now.", after=0.9),
        customer("Now the light is green. Oh, great, it works again!", after=3.5),
        agent("Wonderful. Is there anything else I can help you with?", duty="anything_else"),
        customer("No, that was very helpful. Thank you so much."),
        agent("You are welcome. Have a nice day."),
    ),
)

CANCEL = Dialogue(
    id="cancel",
    language="en",
    finds=("greeting", "identity", "anything_else", "complaint", "leaving", "price"),
    scores=(2, 4),
    slots=(
        {"years": "three", "discount": "twenty"},
        {"years": "five", "discount": "twenty five"},
        {"years": "two", "discount": "fifteen"},
    ),
    lines=(
        agent("Hello, thank you for calling. How can I help you today?"),
        customer("Hello. I want to cancel my subscription. It is too expensive."),
        agent("I am sorry to hear that. Am I speaking with the owner of the account?", duty="identity"),
        customer("Yes. I have been with you for {years} years, and every year the price is higher."),
        agent("I understand. What would have to change so that you stay?"),
        customer("Another company offers the same for less. I am really frustrated."),
        agent("I can offer you a discount of {discount} percent for one year.", after=1.3),
        customer("Hmm. That sounds better. I will think about it."),
        agent("I will send you the offer by email. Is there anything else I can do?", duty="anything_else"),
        customer("No, thank you. Goodbye."),
    ),
)

MANAGER = Dialogue(
    id="manager",
    language="en",
    finds=("greeting", "complaint", "manager", "repeat_call", "no_call_back", "legal_threat"),
    scores=(1, 2),
    slots=({"days": "two weeks"}, {"days": "ten days"}, {"days": "a month"}),
    lines=(
        agent("Good morning. How can I help you?"),
        customer("This is the third time I call about the same problem. Nobody called me back."),
        agent("I am sorry about that."),
        customer("I do not want to hear sorry. I want to speak to your manager.", after=-0.6),
        agent("My manager is in a meeting. Maybe I can help you."),
        customer("This is ridiculous. I have waited for {days}. Your service is awful."),
        agent("I can write down your complaint."),
        customer("If this is not solved today, I will talk to my lawyer. This is unacceptable."),
        agent("Please calm down. I will tell my supervisor.", after=1.2),
        customer("I am very angry. Goodbye."),
    ),
)

THIRD_CALL = Dialogue(
    id="third_call",
    language="en",
    finds=("greeting", "identity", "no_call_back", "repeat_call", "call_back_promised", "fault"),
    scores=(1, 3),
    queues=("support",),
    slots=(
        {"thing": "washing machine", "day": "Wednesday"},
        {"thing": "printer", "day": "Monday"},
        {"thing": "heater", "day": "Thursday"},
    ),
    lines=(
        agent("Good afternoon, thank you for calling. How can I help?"),
        customer("Hello. I am calling again about my {thing}. I have already called twice and it is still broken."),
        agent("I am sorry. Can you confirm your address for me, please?", duty="identity"),
        customer("Twelve Garden Street. You promised a call, and nobody called me back. That is a bad experience."),
        agent("That should not happen. I can see your two calls here.", after=1.1),
        customer("So what happens now? I have lost two days with this problem."),
        agent("I book the technician for {day} and I will call you back this afternoon to confirm it."),
        customer("Well, I hope that this time it is true."),
        agent("It is in my calendar. Goodbye."),
    ),
)

REFUND_REFUSED = Dialogue(
    id="refund_refused",
    language="en",
    finds=("greeting", "identity", "refund", "complaint", "leaving"),
    scores=(1, 2),
    queues=("sales",),
    slots=({"thing": "shoes"}, {"thing": "headphones"}, {"thing": "chair"}),
    lines=(
        agent("Hello, thank you for calling. How can I help you?"),
        customer("Hello. I sent the {thing} back and I want a refund. The quality was terrible."),
        agent("Can you confirm your order number?", duty="identity"),
        customer("Eight three two one. I sent it back three weeks ago."),
        agent("I am afraid the time for returns is over.", after=1.5),
        customer("What? Nobody told me that. That is unfair and I am fed up with it."),
        agent("Those are the rules. I cannot change them."),
        customer("Then I will never buy here again. I am going to close my account."),
        agent("I am sorry. Goodbye."),
    ),
)
