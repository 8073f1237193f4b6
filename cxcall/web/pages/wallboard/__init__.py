"""The wallboard: the floor now, on a supervisor's desk and on a wall."""

from cxcall.web.pages.wallboard import acts, agent, board, screen, screens

PAGES = (board, acts, agent, screen, screens)
