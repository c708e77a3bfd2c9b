"""TensorBoard: event files under ``.mlcc/tensorboard/`` of the project."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mlcc_trackers.tracker import Ending, Point, Tracker

if TYPE_CHECKING:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter


class TensorBoardTracker(Tracker):
    """A folder of event files, named as the job."""

    name = "tensorboard"
    module = "tensorboard"
    requirement = "tensorboard"
    writer: EventFileWriter

    @property
    def place(self) -> str:
        return "TensorBoard (tensorboard --logdir .mlcc/tensorboard)"

    def load(self) -> None:
        from tensorboard.compat.proto import event_pb2, summary_pb2  # noqa: F401 - to have it
        from tensorboard.summary.writer import event_file_writer  # noqa: F401 - to have it

    def start(self) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        folder = self.run.root / ".mlcc" / "tensorboard" / self.run.name
        self.made = self.made or not folder.exists()
        self.writer = EventFileWriter(str(folder))
        if self.made:
            self._text("settings", {**self.run.tags, **self.run.settings})

    def log(self, points: Sequence[Point]) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary

        for point in points:
            values = [Summary.Value(tag=k, simple_value=v) for k, v in point.numbers.items()]
            summary = Summary(value=values)
            self.writer.add_event(Event(wall_time=point.when, step=point.step, summary=summary))
        self.writer.flush()

    def finish(self, ending: Ending) -> None:
        self._text("status", {"status": ending})

    def summarize(self, numbers: Mapping[str, float], tags: Mapping[str, str]) -> None:
        self.log([Point(0, time.time(), numbers)])
        if tags:
            self._text("evaluation", tags)

    def close(self) -> None:
        self.writer.close()

    def _text(self, name: str, values: Mapping[str, object]) -> None:
        """Write a text that TensorBoard shows beside the curves."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.compat.proto.tensor_pb2 import TensorProto
        from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
        from tensorboard.compat.proto.types_pb2 import DT_STRING

        lines = "\n".join(f"    {key}: {_written(value)}" for key, value in values.items())
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
        tensor = TensorProto(dtype=DT_STRING, string_val=[lines.encode()], tensor_shape=shape)
        plugin = SummaryMetadata.PluginData(plugin_name="text")
        metadata = SummaryMetadata(plugin_data=plugin)
        value = Summary.Value(tag=f"{name}/text_summary", metadata=metadata, tensor=tensor)
        self.writer.add_event(Event(wall_time=time.time(), summary=Summary(value=[value])))
        self.writer.flush()


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
