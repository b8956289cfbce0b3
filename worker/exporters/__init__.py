"""An edition's forms: text, Markdown, HTML, JSON, Atom, EPUB, mail and messages; pure."""
