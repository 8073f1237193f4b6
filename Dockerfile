# cxcall in a container: built in one stage, run in another one without compilers, Node or the sources.
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/build && python3 -m venv /opt/cxcall
WORKDIR /src
COPY requirements.txt ./
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
 && /opt/build/bin/pip download --no-cache-dir --require-hashes -r requirements.txt -d /wheels
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY cxcall cxcall
COPY migrations migrations
COPY asterisk-conf asterisk-conf
RUN /opt/build/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps -w /wheels . \
 && /opt/cxcall/bin/pip install --no-cache-dir --no-index --find-links /wheels cxcall

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3 espeak-ng && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /var/lib/cxcall --create-home cxcall
COPY --from=build /opt/cxcall /opt/cxcall
ENV PATH=/opt/cxcall/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CXCALL_DATA__DIR=/var/lib/cxcall \
    CXCALL_WEB__HOST=0.0.0.0 \
    CXCALL_AGI__HOST=0.0.0.0
USER cxcall
WORKDIR /var/lib/cxcall
VOLUME /var/lib/cxcall
EXPOSE 8080 4573
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
ENTRYPOINT ["cxcall"]
CMD ["serve"]
