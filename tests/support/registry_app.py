"""Apicurio Registry, fetched once by Maven and unpacked in the cache directory."""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from cache import SupportError, cache_dir, locked

VERSION = "2.6.13.Final"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
ARTIFACT = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"


def runner_jar() -> Path:
    """The jar to run, beside its libraries; downloads them (about 140 MB) if this is the first use."""
    target = cache_dir() / f"apicurio-registry-{VERSION}"
    jar = target / f"apicurio-registry-app-{VERSION}-runner.jar"
    if jar.exists():
        return jar
    with locked("apicurio-registry"):
        if not jar.exists():
            download(target)
    return jar


def download(target: Path) -> None:
    """Fills a directory beside the target and renames it, so that an interrupted download is never taken for a whole one."""
    if shutil.which("mvn") is None or shutil.which("java") is None:
        raise SupportError("Apicurio Registry needs Maven and Java 17: run `./dev install-deps` (packages maven, "
                           "default-jdk-headless)")
    partial = target.with_name(target.name + ".partial")
    for leftover in (partial, target):
        shutil.rmtree(leftover, ignore_errors=True)
    print("downloading Apicurio Registry (once, about 140 MB)", file=sys.stderr, flush=True)
    command = ["mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", COPY, f"-Dartifact={ARTIFACT}",
               f"-DoutputDirectory={partial}"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=cache_dir(),
                         env={**os.environ, "MAVEN_OPTS": os.environ.get("MAVEN_OPTS", "-Xmx256m")})
    if run.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        reasons = [line[:600] for line in (run.stdout + run.stderr).splitlines() if "ERROR" in line][:1]
        raise SupportError(f"Maven could not fetch Apicurio Registry {VERSION}. If this machine reaches its registry only "
                           "through a mirror or a proxy, say so in Maven's settings.xml, then try again.\n  " + "\n  ".join(reasons))
    [archive] = partial.glob("*.tar.gz")
    with tarfile.open(archive) as content:
        content.extractall(partial, filter="data") if hasattr(tarfile, "data_filter") else content.extractall(partial)
    archive.unlink()
    partial.rename(target)
