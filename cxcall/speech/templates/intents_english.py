"""How callers say in English what they want."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, ...]] = {
    "order_status": (
        "my order", "my package", "my parcel", "my delivery", "my shipment", "where is my order", "where's my order",
        "order status", "status of my order", "track*", "hasn't arrived", "has not arrived", "not arrived",
        "delivery date", "when will it arrive", "when will it be delivered", "not been delivered", "courier",
        "my stuff", "my packet", "the packet", "parcel*", "the package", "shipped", "shipping", "dispatched",
        "tracking number", "on its way", "still not here", "not here yet", "supposed to come", "supposed to arrive",
        "supposed to be delivered", "no parcel", "my delivery is", "nothing has arrived", "deliver it",
        "when does it arrive", "courier*", "delivery driver",
    ),
    "billing": (
        "bill", "bills", "billing", "invoice*", "payment", "payments", "overcharged", "charged twice",
        "double charged", "wrong amount", "extra charge*", "credit card", "pay my bill", "direct debit", "statement",
        "late fee*", "balance", "outstanding", "reminder letter", "payment reminder", "declined", "instalment*",
        "installment*", "have to pay", "pay so much", "pay in", "owe", "charged me", "you charged", "overcharged me",
        "taken from my card", "taken from my account", "receipt", "too much money", "card statement",
        "bank statement", "fee", "fees",
    ),
    "refund": (
        "refund*", "money back", "reimburse*", "return it", "return this", "return a", "send it back", "give it back",
        "chargeback", "exchange it", "get my money", "give them back", "give this back", "send back",
        "send something back", "send them back", "sent back", "sent it back", "swap", "exchange*", "bigger size",
        "smaller size", "wrong size", "don't fit", "doesn't fit", "does not fit", "money returned",
        "money would be returned", "return them", "arrived damaged", "came damaged", "wrong item", "where's my money",
        "where is my money", "want my money", "voucher back",
    ),
    "technical_support": (
        "not working", "doesn't work", "does not work", "don't work", "stopped working", "isn't working", "broken",
        "internet", "wifi", "router", "no signal", "no connection", "disconnect*", "error message", "error", "crash*",
        "technical support", "technical problem", "very slow", "won't turn on", "won't start", "frozen", "repair*",
        "wi fi", "wireless", "black screen", "stays black", "screen is black", "blank screen", "doesn't do anything",
        "does nothing", "freez*", "landline", "dial tone", "won't connect", "can't connect", "cannot connect",
        "won't load", "won't open", "is down", "are down", "not responding", "is dead", "offline", "no picture",
        "no sound", "no internet", "keeps cutting", "cuts out", "set it up", "set this up", "set this thing up",
        "installing", "does not start", "faulty", "fault",
    ),
    "sales": (
        "buy", "purchase", "price", "prices", "how much is", "how much does it cost", "quote", "sales",
        "new contract", "new plan", "upgrade*", "place an order", "place a new order", "discount*", "special offer*",
        "in stock", "demo", "new customer", "sign up", "your ad", "advert*", "interested in", "an offer",
        "make me an offer", "do you still have", "do you sell", "how much would", "how much are", "what does it cost",
        "cost a month", "cost per month", "order another", "order one", "order a new", "another one of",
        "become a customer", "premium package", "subscribe", "price list", "tariff*", "brochure",
    ),
    "cancellation": (
        "cancel*", "terminate*", "end my contract", "close my account", "stop my subscription", "unsubscribe*",
        "stop the service", "get out of my contract", "get rid of", "stop my contract", "stop the contract",
        "stop my", "end it", "end the contract", "ending my contract", "don't need it anymore",
        "don't need the service", "don't want it anymore", "don't want it any more", "no longer need",
        "no longer want", "changed my mind", "quit", "opt out", "not renew", "don't renew", "stop it altogether",
        "can cell", "cansel*", "leave your company",
    ),
    "account": (
        "password", "log in", "login", "sign in", "username", "locked out", "my account", "account details",
        "change my address", "new address", "change my phone number", "change my email", "update my details",
        "verification code", "reset my pin", "pin", "pin code", "wrong password", "let me in", "last name", "surname",
        "name has changed", "name changed", "email address", "e mail address", "moved house", "we have moved",
        "i have moved", "reset my", "account is blocked", "account has been blocked", "account is locked",
        "been locked", "my profile", "passcode", "log on", "new phone number", "my details", "security question",
    ),
    "appointment": (
        "appointment*", "make an appointment", "book a visit", "reschedul*", "schedule a", "book a time",
        "technician", "visit my home", "time slot", "engineer", "slot", "come round", "come over", "come to my house",
        "someone to come", "somebody to come", "what time is", "installer", "plumber", "make it tomorrow",
        "another day", "postpone*", "book an", "inspection", "come today", "come tomorrow", "come earlier",
        "move it to",
    ),
    "complaint": (
        "complain*", "complaint*", "not happy", "unhappy", "disappointed", "unacceptable", "terrible service",
        "bad service", "speak to a manager", "talk to a manager", "supervisor", "rude", "ridiculous", "fed up",
        "your boss", "the boss", "worst", "on hold for", "hold for an hour", "disgusting", "not acceptable",
        "appalling", "angry", "disgrace*", "unprofessional", "badly treated", "way i was treated", "nobody helps",
        "speak to the manager", "talk to the manager", "your manager", "outrageous", "joke",
    ),
    "person": (
        "operator", "agent", "representative", "human", "real person", "speak to someone", "talk to someone",
        "speak to a person", "talk to a person", "somebody", "customer service", "a person", "human being",
        "somebody else", "don't want to talk to a machine", "don't wanna talk to a machine", "don't want a machine",
        "don't want to talk to a robot", "not a machine", "not a robot", "robot", "put me through",
        "speak with someone", "talk to somebody", "speak to somebody", "live agent", "receptionist", "an adviser",
        "an advisor", "connect me",
    ),
}  # fmt: skip

EXAMPLES: dict[str, tuple[str, ...]] = {
    "order_status": (
        "Where is my order?", "My package has not arrived yet", "I want to track my delivery",
        "When will my parcel be delivered?", "I ordered something last week and I am still waiting for it",
        "The courier never came",
    ),
    "billing": (
        "I have a question about my bill", "I was charged twice this month", "I want to pay my invoice",
        "There is a mistake on my bill", "Why is my bill so high?", "My payment did not go through",
    ),
    "refund": (
        "I want my money back", "I would like a refund", "I want to return the shoes I bought",
        "When do I get my refund?", "It is the wrong size and I want to send it back",
    ),
    "technical_support": (
        "My internet is not working", "The device does not turn on", "I get an error message when I open the app",
        "The connection is very slow", "My phone is broken and I need help", "I have a technical problem",
    ),
    "sales": (
        "I want to buy a new phone", "How much does it cost?", "I am interested in your products",
        "I would like a price for ten licences", "Do you have it in stock?", "I want to order a new one",
    ),
    "cancellation": (
        "I want to cancel my subscription", "Please cancel my order", "I want to end my contract",
        "How do I stop the service?", "I would like to close my account",
    ),
    "account": (
        "I forgot my password", "I can't sign in to my account", "I want to change my address",
        "I moved to a new house", "My account is locked", "I need to update my phone number",
    ),
    "appointment": (
        "I want to make an appointment", "I need to move my appointment to another day",
        "When is the technician coming?", "Can somebody come to my house on Monday?", "I would like to book a visit",
    ),
    "complaint": (
        "I want to make a complaint", "I am very unhappy with your service", "Nobody helps me, this is unacceptable",
        "Your colleague was rude to me", "I want to speak to your manager",
    ),
    "person": (
        "I want to talk to a real person", "Give me an operator", "Connect me to an agent",
        "I would like to speak to someone", "Customer service please",
    ),
}  # fmt: skip
