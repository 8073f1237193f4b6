"""Surveys after a call: what is asked, how the dialogue goes on, what an answer counts, what a bad one sets off."""
