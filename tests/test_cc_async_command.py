"""The start of the command, until its work begins."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

START = "from cc_async_command import main; main()"


@pytest.mark.parametrize("milliseconds", [0, 20, 50, 100, 200, 400])
def test_ctrl_c_while_modules_load_ends_the_command_silently(milliseconds: int) -> None:
    """From the command's first step on, ctrl-C ends it with 130 and without a traceback."""
    words = [sys.executable, "-X", "importtime", "-c", START, "sandbox", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            assert run.stderr is not None
            for line in run.stderr:
                if line.split("|")[-1].strip() == "cc_async_command":
                    break
            run.stderr.readline()  # of the next module: by now the handler is there
            time.sleep(milliseconds / 1000)
            run.send_signal(signal.SIGINT)
            _, text = run.communicate(timeout=10)
        finally:
            run.kill()
    assert run.returncode == 130
    assert "Traceback" not in text
    assert "KeyboardInterrupt" not in text


def test_ctrl_c_that_is_ignored_from_the_start_stays_ignored() -> None:
    """A command in the background of a shell script goes on while its modules load."""
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "import cc_async_command; sys.argv = ['cc-async', '--version']; "
        "sys.meta_path.insert(0, type('Pressing', (), {'find_spec': lambda *_: signal.raise_signal(signal.SIGINT)})); "
        "cc_async_command.main()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_start_loads_nothing_of_the_package() -> None:
    """The command is prepared for ctrl-C before the package begins to load."""
    program = "import sys, cc_async_command; print('cc_async' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stdout == "False\n"
