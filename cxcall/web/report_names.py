"""Names and sentences of measures (METRICS.md in plain words), of kinds of rows and of ready-made reports."""

from __future__ import annotations

from cxcall.web.words import N_

MEASURES: dict[str, tuple[str, str]] = {
    "offered": (
        N_("Offered"),
        N_("Callers that entered the queue. Who is passed on to a second queue is counted there once more."),
    ),
    "answered": (N_("Answered"), N_("Callers in the queue that reached an agent.")),
    "abandoned": (
        N_("Abandoned"),
        N_(
            "Callers that hung up while waiting. Not those whose time ran out, who were turned away, or who chose to be"
            " called back."
        ),
    ),
    "short_abandoned": (
        N_("Short abandons"),
        N_("Callers that hung up within the queue's threshold, usually 5 seconds."),
    ),
    "timed_out": (N_("Timed out"), N_("Callers whose time in the queue ran out.")),
    "full": (N_("Queue full"), N_("Callers that could not join because the queue was full.")),
    "closed": (N_("Closed"), N_("Callers that came outside opening hours or while nobody was in the queue.")),
    "left": (N_("Left the queue"), N_("Callers that left by a key, for a call-back, or by a transfer.")),
    "abandon_rate": (N_("Abandonment"), N_("Abandoned as a share of those offered.")),
    "sl_answered": (
        N_("Service level of answered"),
        N_("Answered within the target time, as a share of those answered."),
    ),
    "sl_offered": (
        N_("Service level"),
        N_("Answered within the target time, as a share of those offered, without short abandons."),
    ),
    "sl_strict": (N_("Strict service level"), N_("Answered within the target time, as a share of all offered.")),
    "sl_fair": (
        N_("Fair service level"),
        N_("Answered or abandoned within the target time, as a share of all offered."),
    ),
    "asa": (N_("Average speed of answer"), N_("Mean wait of those who were answered.")),
    "wait_p50": (N_("Wait, median"), N_("Half of all callers waited no longer than this.")),
    "wait_p90": (N_("Wait, 90 %"), N_("Nine of ten callers waited no longer than this.")),
    "wait_max": (N_("Longest wait"), N_("The longest that any caller waited.")),
    "abandon_wait": (N_("Wait until hang-up"), N_("Mean wait of those who hung up while waiting.")),
    "handled": (N_("Handled"), N_("Parts of calls that an agent had with a caller. A transferred call has several.")),
    "talk": (
        N_("Talk time"),
        N_("Time an agent and the caller were connected, without hold. It ends when that agent leaves."),
    ),
    "hold": (N_("Hold time"), N_("Time the caller was on hold in that agent's part of the call.")),
    "acw": (
        N_("Wrap-up time"),
        N_("From the end of talk until the agent finishes wrap-up, or the queue's limit frees them."),
    ),
    "aht": (N_("Average handle time"), N_("Talk, hold and wrap-up together, for each handled part of a call.")),
    "login": (N_("Signed in"), N_("Time agents were signed in: all their states together.")),
    "ready": (N_("Ready"), N_("Time agents were free for a call.")),
    "ringing": (N_("Ringing"), N_("Time a call rang at the agent.")),
    "on_call": (N_("On a call"), N_("Time agents were in a call.")),
    "wrap_up": (N_("In wrap-up"), N_("Time agents were in the state after a call.")),
    "paused": (N_("Paused"), N_("Time agents were paused, whatever the reason, while signed in.")),
    "occupancy": (
        N_("Occupancy"),
        N_("Talk, hold, wrap-up and ringing as a share of the time signed in and not paused."),
    ),
    "utilisation": (N_("Utilisation"), N_("Talk, hold and wrap-up as a share of the time signed in.")),
    "ring_no_answer": (N_("Missed offers"), N_("Offers to an agent that rang out or were refused.")),
    "missed_ring": (N_("Ring time of missed offers"), N_("How long missed offers rang, all together.")),
    "fcr": (
        N_("First-contact resolution"),
        N_(
            "Answered calls of a customer without another contact within 7 days on the same topic, else on any topic,"
            " as a share of those answered. The last 7 days may still change."
        ),
    ),
    "repeat": (N_("Repeat callers"), N_("Customers with two or more contacts in the period.")),
    "repeat_rate": (N_("Share of repeat callers"), N_("Customers with two or more contacts, as a share of all.")),
    "transfer_rate": (N_("Transfer rate"), N_("Handled parts that ended in a transfer, as a share of all handled.")),
    "transferred_blind": (N_("Blind transfers"), N_("Handled parts that were passed on without asking first.")),
    "transferred_attended": (N_("Attended transfers"), N_("Handled parts that were passed on after a consultation.")),
    "transferred_semi_attended": (
        N_("Semi-attended transfers"),
        N_("Handled parts that were passed on while the other phone still rang."),
    ),
    "transferred_redirect": (
        N_("Redirected"),
        N_("Handled parts that were sent elsewhere by a program or from the outside."),
    ),
    "transfers": (N_("Transfers"), N_("Callers that were passed on.")),
    "parked": (N_("Parked"), N_("Handled parts in which the caller was parked.")),
    "calls": (N_("Calls"), N_("Calls that began in the period and are over.")),
    "calls_answered": (N_("Calls answered"), N_("Calls in which a person was reached.")),
    "answer_rate": (N_("Answer rate"), N_("Calls in which a person was reached, as a share of all.")),
    "calls_talk": (N_("Talk time of calls"), N_("Time anybody talked with the caller, all together.")),
    "calls_wait": (N_("Wait of calls"), N_("Time callers waited in queues, all together.")),
    "calls_in": (N_("Calls taken"), N_("Calls from outside or through a queue that the agent took.")),
    "calls_out": (N_("Calls made"), N_("Calls that the agent made.")),
    "csat": (
        N_("Satisfaction (CSAT)"),
        N_("Share of answers 4 or 5 of 5. The mean is shown beside it, never instead."),
    ),
    "csat_mean": (N_("Mean satisfaction"), N_("Mean of the answers from 1 to 5.")),
    "nps": (
        N_("Net promoter score (NPS)"),
        N_("Share of answers 9 and 10 less the share of answers 0 to 6, times 100."),
    ),
    "ces": (N_("Ease (CES)"), N_("Share of answers 6 or 7 of 7.")),
    "survey_offered": (N_("Surveys offered"), N_("Calls after which a survey was offered.")),
    "survey_started": (N_("Surveys started"), N_("Surveys of which at least one question was answered.")),
    "survey_finished": (N_("Surveys finished"), N_("Surveys that were answered to the end.")),
    "response_rate": (N_("Response rate"), N_("Surveys finished as a share of those offered.")),
    "talks": (N_("Talks heard"), N_("Parts of calls whose speech was read.")),
    "talk_share": (N_("Agent's talk share"), N_("Seconds the agent spoke as a share of the seconds both spoke.")),
    "silence": (
        N_("Silence"),
        N_("Both quiet for more than 3 seconds, as a share of the talk; hold and music are left out."),
    ),
    "overlap": (N_("Talking over"), N_("Both spoke at once for more than half a second, as a share of the talk.")),
    "interruptions": (
        N_("Interruptions"),
        N_("Turns begun while the other's turn still had more than a second to go; by both."),
    ),
    "interruptions_agent": (
        N_("Interruptions by the agent"),
        N_("Turns the agent began while the customer's turn still had more than a second to go."),
    ),
    "interruptions_customer": (
        N_("Interruptions by the customer"),
        N_("Turns the customer began while the agent's turn still had more than a second to go."),
    ),
    "silence_count": (N_("Silences"), N_("How often both were quiet for more than 3 seconds.")),
    "silence_longest": (N_("Longest silence"), N_("The longest that both were quiet; hold and music are left out.")),
    "mood_improving": (
        N_("Mood improving"),
        N_("Calls whose mood rose by 0.2 or more from the first third to the last."),
    ),
    "mood_steady": (
        N_("Mood steady"),
        N_("Calls whose mood changed by less than 0.2 from the first third to the last."),
    ),
    "mood_worsening": (
        N_("Mood worsening"),
        N_("Calls whose mood fell by 0.2 or more from the first third to the last."),
    ),
    "rfm": (
        N_("Customers (RFM)"),
        N_("All customers by how lately, how often and for how much they came, as of last night, whatever the period."),
    ),
    "pace": (N_("Pace"), N_("Words a minute over the agent's own speech.")),
    "sentiment": (
        N_("Sentiment"),
        N_("From −1 to +1, the mean over calls. The last third of a call counts double."),
    ),
    "mood_trend": (N_("Mood trend"), N_("Mood of the last third of calls less that of the first third.")),
    "customers": (N_("Customers"), N_("Different customers that called.")),
}
"""By id: name and sentence. Variants with the switch of short abandons are below."""

SHORT_OUT: dict[str, str] = {
    "abandon_rate": N_("Short abandons are left out of both."),
}
SHORT_IN: dict[str, str] = {
    "abandon_rate": N_("Short abandons count."),
    "sl_offered": N_("Here short abandons count as offered."),
}
"""What is added to a sentence as the switch stands."""

UNITS: dict[str, str] = {
    "count": N_("number"),
    "share": N_("share"),
    "seconds": N_("time"),
    "points": N_("points"),
    "mean": N_("mean"),
    "score": N_("score"),
    "per_minute": N_("a minute"),
}

ROWS: dict[str, str] = {
    "interval": N_("15 minutes"),
    "hour": N_("Hour"),
    "day": N_("Day"),
    "week": N_("Week"),
    "month": N_("Month"),
    "weekday": N_("Weekday"),
    "hour_of_day": N_("Hour of the day"),
    "server": N_("Server"),
    "queue": N_("Queue"),
    "agent": N_("Agent"),
    "team": N_("Team"),
    "did": N_("Number dialled"),
    "direction": N_("Direction"),
    "outcome": N_("Outcome"),
    "menu": N_("Menu choice"),
    "transfer_kind": N_("Kind of transfer"),
    "segment": N_("Segment"),
    "rfm": N_("Group of customers"),
    "survey": N_("Survey"),
    "category": N_("Category"),
}

READY_MADE: dict[str, tuple[str, str]] = {
    "queues": (N_("Queues"), N_("How many callers each queue had, how they fared and how long they waited.")),
    "queues-by-hour": (N_("Queues by hour"), N_("The same figures by hour of the day: when callers come.")),
    "service-level": (N_("Service level"), N_("The four ways to count a service level, side by side.")),
    "waits": (N_("Waiting times"), N_("How long callers waited, and how their waits are spread.")),
    "heat": (N_("Week at a glance"), N_("Each hour of each weekday: where the load and the losses are.")),
    "abandoned": (N_("Abandoned callers"), N_("Who hung up while waiting, and whether somebody called them back.")),
    "recalls": (N_("Call-backs to the abandoned"), N_("How many who hung up were reached after all, and how soon.")),
    "agents": (N_("Agents"), N_("Calls, talk, hold, wrap-up, missed offers and transfers of each agent.")),
    "agent-time": (N_("Agents' time"), N_("In which state agents were for how long.")),
    "traffic": (N_("Traffic"), N_("Calls by the number that was dialled.")),
    "menu": (N_("Menu choices"), N_("Calls by what callers pressed or said when they were asked why they call.")),
    "transfers": (N_("Transfers"), N_("From where to where callers were passed on, and how.")),
    "surveys": (N_("Surveys"), N_("How many were asked, how many answered, and what they said.")),
    "sentiment": (N_("Sentiment"), N_("How customers felt in calls, and how calls were led.")),
    "categories": (N_("Categories"), N_("What calls were about, as speech tells it.")),
    "segments": (N_("Segments"), N_("Customers who called, by segment: how long they are known, how often they came.")),
    "rfm": (N_("Best and lost customers"), N_("All customers by how lately, how often and for how much they came.")),
    "repeat": (N_("Repeat callers"), N_("Customers who called more than once in the period.")),
    "fcr": (N_("Solved first time"), N_("Answered calls after which the customer did not have to call again.")),
    "staffing": (N_("Staffing"), N_("How many agents a load needs for its target.")),
}
"""By name in addresses: title and sentence."""
