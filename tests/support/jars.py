"""The jars of Apache Kafka, copied once by Maven into the cache directory."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from cache import SUPPORT, SupportError, cache_dir, digest, locked

COPY_DEPENDENCIES = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def jar_directory() -> Path:
    """Returns the directory of the broker's jars; downloads them (about 55 MB) if this is the first use."""
    pom = SUPPORT / "pom.xml"
    target = cache_dir() / f"jars-{digest(pom.read_text())}"
    if target.is_dir():
        return target
    with locked("jars"):
        if not target.is_dir():
            download(pom, target)
    return target


def download(pom: Path, target: Path) -> None:
    """Fills a directory beside the target and renames it, so that an interrupted download is never taken for a whole one."""
    if shutil.which("mvn") is None or shutil.which("java") is None:
        raise SupportError("Kafka needs Maven and Java 17: run `./dev install-deps` (packages maven, default-jdk-headless)")
    partial = target.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    print("downloading the jars of Apache Kafka (once, about 55 MB)", file=sys.stderr, flush=True)
    command = ["mvn", "--batch-mode", "--quiet", "-Dstyle.color=never", "--file", str(pom), COPY_DEPENDENCIES,
               f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         env={**os.environ, "MAVEN_OPTS": os.environ.get("MAVEN_OPTS", "-Xmx256m")})
    if run.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        reasons = [line[:600] for line in (run.stdout + run.stderr).splitlines() if "ERROR" in line][:1]
        raise SupportError("Maven could not fetch Apache Kafka 4.1.0. If this machine reaches its registry only through a "
                           "mirror or a proxy, say so in Maven's settings.xml, then try again.\n  " + "\n  ".join(reasons))
    partial.rename(target)


def class_path() -> str:
    return f"{jar_directory()}/*"
