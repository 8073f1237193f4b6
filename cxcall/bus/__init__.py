"""What happened, told to whom it concerns: channels with sequence numbers, and commands with deadlines."""

from cxcall.bus.channels import Bus, Message
from cxcall.bus.commands import CommandRefused, Commands, NoAnswer

__all__ = ["Bus", "CommandRefused", "Commands", "Message", "NoAnswer"]
