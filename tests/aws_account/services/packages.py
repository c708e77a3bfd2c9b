"""Model package groups and their versions."""

from __future__ import annotations

from typing import Any

from tests.aws_account.account import Account, Params, Result, chosen, last_part, page
from tests.aws_account.door.answers import invalid

LEFT_OUT = ("Tags", "ClientToken", "ModelPackageGroupName", "ModelPackageName")


class Packages:
    """The account's model registry.

    Attributes:
        trained_image: container image that a trained package names.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.trained_image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/djl-inference:lmi"
        self.clear()

    def clear(self) -> None:
        self._groups: dict[str, dict[str, Any]] = {}
        self._packages: dict[str, dict[str, Any]] = {}

    def create_model_package_group(self, params: Params) -> Result:
        name = params["ModelPackageGroupName"]
        arn = self._account.arn("model-package-group", name)
        if name in self._groups:
            raise invalid(f"Model Package Group already exists: {arn}")
        self._groups[name] = {
            **{key: value for key, value in params.items() if key != "Tags"},
            "ModelPackageGroupArn": arn,
            "CreationTime": self._account.clock.now(),
            "CreatedBy": {},
            "ModelPackageGroupStatus": "Completed",
        }
        return {"ModelPackageGroupArn": arn}

    def describe_model_package_group(self, params: Params) -> Result:
        return self.require_group(params["ModelPackageGroupName"])

    def list_model_package_groups(self, params: Params) -> Result:
        kept = chosen(
            params,
            self._groups.values(),
            name="ModelPackageGroupName",
            status="ModelPackageGroupStatus",
        )
        members = (
            "ModelPackageGroupName",
            "ModelPackageGroupArn",
            "ModelPackageGroupDescription",
            "CreationTime",
            "ModelPackageGroupStatus",
        )
        rows: list[Any] = [{key: row[key] for key in members if key in row} for row in kept]
        return page(params, rows, "ModelPackageGroupSummaryList")

    def delete_model_package_group(self, params: Params) -> Result:
        group = self.require_group(params["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        if any(p.get("ModelPackageGroupName") == name for p in self._packages.values()):
            raise invalid(
                f"Model Package Group {group['ModelPackageGroupArn']} cannot be deleted because "
                "it still contains Model Packages."
            )
        del self._groups[name]
        return {}

    def require_group(self, name_or_arn: str) -> dict[str, Any]:
        """The group of this name.

        Raises:
            ServiceError: there is none.
        """
        name = last_part(name_or_arn)
        if name not in self._groups:
            arn = self._account.arn("model-package-group", name)
            raise invalid(f"ModelPackageGroup {arn} does not exist.")
        return self._groups[name]

    def create_model_package(self, params: Params) -> Result:
        record: dict[str, Any] = {k: v for k, v in params.items() if k not in LEFT_OUT}
        if group := params.get("ModelPackageGroupName"):
            return {"ModelPackageArn": self._add(last_part(group), record)}
        if not params.get("ModelPackageName"):
            raise invalid("Either ModelPackageName or ModelPackageGroupName is required.")
        arn = self._account.arn("model-package", params["ModelPackageName"])
        self._keep(arn, {**record, "ModelPackageName": params["ModelPackageName"]})
        return {"ModelPackageArn": arn}

    def add_trained(self, group_arn: str, artifacts: str, base_model_arn: str, recipe: str) -> str:
        """Register a job's output as the next version of its group; the version's ARN."""
        *_, name, version = base_model_arn.split("/")
        container = {
            "Image": self.trained_image,
            "ModelDataSource": {
                "S3DataSource": {
                    "S3Uri": f"{artifacts}/",
                    "S3DataType": "S3Prefix",
                    "CompressionType": "None",
                }
            },
            "BaseModel": {
                "HubContentName": name,
                "HubContentVersion": version,
                "RecipeName": recipe,
            },
        }
        specification = {
            "Containers": [container],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        }
        return self._add(last_part(group_arn), {"InferenceSpecification": specification})

    def trained_from(self, arn: str) -> dict[str, str]:
        """The model of the hub that a package was trained from, with the recipe.

        Raises:
            ServiceError: there is no such package, or it names none.
        """
        record = self.require(arn)
        containers = record.get("InferenceSpecification", {}).get("Containers") or [{}]
        base: dict[str, str] = containers[0].get("BaseModel", {})
        if not base.get("HubContentName"):
            raise invalid(f"The source model package {arn} was not made by customization.")
        return base

    def _add(self, group: str, record: dict[str, Any]) -> str:
        self.require_group(group)
        versions = [
            p["ModelPackageVersion"]
            for p in self._packages.values()
            if p.get("ModelPackageGroupName") == group
        ]
        version = max(versions, default=0) + 1
        arn = self._account.arn("model-package", f"{group}/{version}")
        own = {
            "ModelPackageName": group,
            "ModelPackageGroupName": group,
            "ModelPackageVersion": version,
        }
        self._keep(arn, {**record, **own})
        return arn

    def _keep(self, arn: str, record: dict[str, Any]) -> None:
        details: dict[str, list[Any]] = {"ValidationStatuses": [], "ImageScanStatuses": []}
        self._packages[arn] = {
            "ModelApprovalStatus": "PendingManualApproval",
            **record,
            "ModelPackageArn": arn,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": details,
            "CreationTime": self._account.clock.now(),
        }

    def describe_model_package(self, params: Params) -> Result:
        return self.require(params["ModelPackageName"])

    def update_model_package(self, params: Params) -> Result:
        record = self.require(params["ModelPackageArn"])
        record |= {k: v for k, v in params.items() if k in ("ModelApprovalStatus", "SourceUri")}
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def delete_model_package(self, params: Params) -> Result:
        del self._packages[self.require(params["ModelPackageName"])["ModelPackageArn"]]
        return {}

    def list_model_packages(self, params: Params) -> Result:
        group = params.get("ModelPackageGroupName")
        kept = chosen(
            params,
            [
                p
                for p in self._packages.values()
                if not group or p.get("ModelPackageGroupName") == last_part(group)
            ],
            name="ModelPackageName",
            status="ModelPackageStatus",
        )
        members = (
            "ModelPackageName",
            "ModelPackageGroupName",
            "ModelPackageVersion",
            "ModelPackageArn",
            "CreationTime",
            "ModelPackageStatus",
            "ModelApprovalStatus",
        )
        rows: list[Any] = [{key: row[key] for key in members if key in row} for row in kept]
        return page(params, rows, "ModelPackageSummaryList")

    def require(self, name_or_arn: str) -> dict[str, Any]:
        """The package of this name or ARN.

        Raises:
            ServiceError: there is none.
        """
        arn = name_or_arn
        if not arn.startswith("arn:"):
            arn = self._account.arn("model-package", name_or_arn)
        if arn not in self._packages:
            raise invalid(f"ModelPackage {arn} does not exist.")
        return self._packages[arn]
