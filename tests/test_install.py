"""What stands in the environment: the CPU build of torch, and no CUDA package along with anything."""

from __future__ import annotations

import re
from importlib.metadata import distributions, version


def test_no_cuda_package_came_along() -> None:
    names = {distribution.metadata["Name"].lower() for distribution in distributions()}
    assert "torch" in names
    assert {name for name in names if re.match(r"nvidia|cuda|triton", name)} == set()


def test_torch_is_the_cpu_build() -> None:
    from torch.version import cuda

    assert version("torch").split("+")[0] == "2.13.0"
    assert cuda is None
