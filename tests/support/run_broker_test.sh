#!/bin/sh
# run_broker_test.sh PROGRAM.py [ARGUMENT…]: runs it on the Python that has the Kafka client.
# ctest is the parent of this shell: its process id keeps apart the shared brokers of two runs in one build directory.
support=$(dirname "$0")
export KAFKA_EVENTS_OWNER="$PPID"
export KAFKA_EVENTS_BROKER_STATE="${KAFKA_EVENTS_BUILD:-$support/../../build/release}/broker/shared-$PPID.json"
export PYTHONPATH="$support${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
python=$(python3 "$support/python_environment.py") || exit 1
exec setpriv --pdeathsig KILL "$python" "$@" # a killed ctest takes its test with it, and that takes its host and broker
