# Unbury's image: Python, the pinned libraries, and the package; no compiler, no shell history, no secrets.

FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
# What changes rarely comes first: a change of the sources installs no library again.
COPY requirements-image.txt /build/
RUN /opt/venv/bin/pip install --require-hashes -r /build/requirements-image.txt
COPY pyproject.toml README.md LICENSE /build/
COPY worker /build/worker
RUN /opt/venv/bin/pip install --no-deps /build \
 && /opt/venv/bin/pip uninstall --yes pip \
 && /opt/venv/bin/python -m compileall -q /opt/venv/lib || true

FROM python:3.12-slim
# The user of whoever has the first account on a Linux machine; docker-compose.yml may set another.
RUN useradd --uid 1000 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin unbury \
 && mkdir -p /srv/unbury/config /srv/unbury/seeds /srv/unbury/out /srv/unbury/var \
 && chown -R unbury /srv/unbury
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/unbury
USER 1000:1000
CMD ["unbury", "--help"]
