"""A ``sitecustomize`` for the processes of one test: accelerate shards on the CPU, too.

It does on GPUs alone, though torch itself can do it anywhere.
"""

SOURCE = """
import importlib.abc
import importlib.util
import sys


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "accelerate.accelerator":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        spec.loader.exec_module = lambda module, run=spec.loader.exec_module: patch(run, module)
        return spec


def patch(run, module):
    run(module)
    made = module.Accelerator.__init__

    def init(self, *args, fsdp_plugin=None, **options):
        made(self, *args, fsdp_plugin=fsdp_plugin, **options)
        if fsdp_plugin is not None:
            from accelerate.utils import DistributedType

            self.state._shared_state["distributed_type"] = DistributedType.FSDP
            self.state._shared_state["fsdp_plugin"] = fsdp_plugin

    module.Accelerator.__init__ = init


sys.meta_path.insert(0, Finder())
"""
