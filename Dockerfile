# The bot alone, without what its tests need. Build: docker build -t pve-cluster-bot .
# Run: docker run --read-only --tmpfs /tmp -v pve-cluster-bot:/data pve-cluster-bot   (config.toml, keys, known_hosts in /data)
FROM python:3.11-slim AS build
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
# The dependencies first: they change less often than the bot.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --locked --no-dev --extra postgres --no-install-project --compile-bytecode
COPY bot ./bot
COPY migrations ./migrations
RUN uv sync --locked --no-dev --extra postgres --no-editable --compile-bytecode

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bot && install -d -m 700 -o bot /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER bot
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["pve-cluster-bot"]
CMD ["serve", "--config", "/data/config.toml"]
