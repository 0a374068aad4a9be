"""The examples of docs/scale.md for schedulers: parsed, and run dry where that can be."""

import os
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

PAGE = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.S | re.M)


@pytest.mark.parametrize("script", _blocks("sh"))
def test_a_script_is_one(script):
    ran = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_task_of_the_slurm_array_makes_its_shard(tmp_path):
    (script,) = (block for block in _blocks("sh") if "#SBATCH" in block)
    asked = dict(re.findall(r"^#SBATCH --([a-z-]+)=(\S+)$", script, re.M))
    shim = tmp_path / "workbench"
    shim.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    task = {
        "SLURM_ARRAY_TASK_ID": "7",
        "SLURM_ARRAY_TASK_COUNT": asked["array"].partition("-")[2],
        "SLURM_CPUS_PER_TASK": asked["cpus-per-task"],
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    ran = subprocess.run(
        [shutil.which("bash"), "-c", script], env=task, capture_output=True, text=True, check=True
    )

    assert ran.stdout == "generate gym.yaml -o parts/7 --shard 7/100 --workers 16\n"


def test_the_kuberay_job_is_of_the_ray_that_is_pinned_and_every_pod_asks_for_its_share():
    (text,) = _blocks("yaml")
    job = yaml.safe_load(text)
    cluster = job["spec"]["rayClusterSpec"]
    pods = [
        group["template"]["spec"]
        for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])
    ]

    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    assert cluster["rayVersion"] == version("ray")
    assert job["spec"]["entrypoint"].startswith("workbench generate /config/gym.yaml ")
    for pod in pods:
        (container,) = pod["containers"]
        assert container["resources"]["requests"] == container["resources"]["limits"]
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            volume["name"] for volume in pod["volumes"]
        }
        assert "env" not in container  # credentials come from a secret
