"""An edition's forms: text, Markdown, HTML, JSON; pure."""
