"""Tags of SageMaker resources."""

from __future__ import annotations

from tests.aws_account.account import Params, Result, page


class Tags:
    """Tags by ARN: those that resources are created with, and AddTags, ListTags, DeleteTags."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._tags: dict[str, dict[str, str]] = {}

    def born(self, params: Params, result: Result) -> None:
        """Keep the tags of a Create request for the ARN in its answer."""
        arns = [v for key, v in result.items() if key.endswith("Arn") and isinstance(v, str)]
        if arns:
            self._tags.pop(arns[-1], None)  # those of a resource of that name, which is gone
            self._put(arns[-1], params)

    def _put(self, arn: str, params: Params) -> None:
        tags = self._tags.setdefault(arn, {})
        tags.update({tag["Key"]: tag["Value"] for tag in params.get("Tags", ())})

    def add_tags(self, params: Params) -> Result:
        self._put(params["ResourceArn"], params)
        return {"Tags": self._of(params["ResourceArn"])}

    def list_tags(self, params: Params) -> Result:
        return page(params, list(self._of(params["ResourceArn"])), "Tags")

    def delete_tags(self, params: Params) -> Result:
        for key in params["TagKeys"]:
            self._tags.get(params["ResourceArn"], {}).pop(key, None)
        return {}

    def _of(self, arn: str) -> list[Params]:
        return [{"Key": key, "Value": value} for key, value in self._tags.get(arn, {}).items()]
