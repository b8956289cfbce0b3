"""How things stand: what is stored, due and wrong, as the command and the pages say it."""
