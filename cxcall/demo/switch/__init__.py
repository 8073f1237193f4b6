"""A private Asterisk of our own, for the demo and the tests: nothing installed, no root, no fixed port.

    tree = await asyncio.to_thread(unpack, Path("var/asterisk"))     # some 20 s the first time, then at once
    async with Switch.start(Path("var/demo/asterisk"), tree) as switch:
        switch.ami_port, switch.username, switch.secret               # where a manager logs in
        switch.sip_address, switch.phone_port("1001")                 # where phones call, where 1001 must listen
        await switch.cli("queue show")
        await switch.restart()

What can be dialled is in asterisk-conf/demo/extensions.conf: from the phones 1001-1008, 500 (queue support), 501
(sales), 502 (reception: Local members), 600 conference, 700 park, 850 echo, *8 + number pickup, 9 + number outside;
from outside 02191000500, …501, …502, …600, …850, 02191001001 to 02191001008 and the numbers that queues were given.
"""

from cxcall.demo.switch.configuration import PHONES, Ports, Site
from cxcall.demo.switch.instance import Switch
from cxcall.demo.switch.tree import SwitchUnavailable, Tree, tree_of_system
from cxcall.demo.switch.unpack import unpack

__all__ = ["PHONES", "Ports", "Site", "Switch", "SwitchUnavailable", "Tree", "tree_of_system", "unpack"]
