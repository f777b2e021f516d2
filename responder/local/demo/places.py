"""The places of the demo's landing zone: management groups, subscriptions, and resources that break a policy."""

from dataclasses import dataclass

TENANT = "b3c1f6d8-27e9-4a50-91ad-5d84e0c7a362"
CORP = "8a4d3f0e-52c7-4b1d-9e66-0f3b7c1d2a95"
SANDBOX = "d15e7c42-9b08-4f6a-8c3d-6e2a90b4f817"
GROUPS = {CORP: ["alz-corp", "alz"], SANDBOX: ["alz-sandbox", "alz"]}  # nearest first
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups"


@dataclass(frozen=True, slots=True)
class Place:
    """One resource: its id as Resource Manager spells it, and what comes of remediating it."""

    id: str
    location: str = "westeurope"
    tags: tuple[tuple[str, str], ...] = ()
    outcome: str = "succeeds"


_GROUP = f"/subscriptions/{CORP}/resourceGroups"
_TERRAFORM = (("managedBy", "terraform"),)
PLACES = (
    Place(f"{_GROUP}/rg-Finance/providers/Microsoft.Sql/servers/sql-Finance-prod"),
    Place(f"{_GROUP}/rg-shop/providers/Microsoft.Web/sites/app-shop-web", tags=(("env", "prod"),)),
    Place(f"{_GROUP}/rg-shop/providers/Microsoft.Web/sites/app-shop-api", tags=(("env", "prod"),)),
    Place(f"{_GROUP}/rg-shop/providers/Microsoft.Web/sites/app-shop-admin", outcome="fails"),
    Place(f"{_GROUP}/rg-Portal/providers/Microsoft.Web/sites/app-Portal-UI", "northeurope"),
    Place(f"{_GROUP}/rg-Portal/providers/Microsoft.Web/sites/app-Portal-API", "northeurope"),
    Place(f"{_GROUP}/rg-payments/providers/Microsoft.Web/sites/app-pay-web"),
    Place(f"{_GROUP}/rg-payments/providers/Microsoft.Web/sites/app-pay-api"),
    Place(f"{_GROUP}/rg-payments/providers/Microsoft.Web/sites/app-pay-ledger", tags=_TERRAFORM),
    Place(f"{_GROUP}/rg-crm/providers/Microsoft.DBforMySQL/flexibleServers/mysql-crm", outcome="untouched"),
    Place(f"{_GROUP}/rg-platform/providers/Microsoft.ContainerRegistry/registries/acrcorp/cacheRules/docker-hub"),
    Place(f"{_GROUP}/rg-platform/providers/Microsoft.ContainerRegistry/registries/acrcorp/cacheRules/quay"),
    Place(f"/subscriptions/{SANDBOX}/resourceGroups/rg-playground/providers/Microsoft.Sql/servers/sql-try-out"),
    Place(f"{_GROUP}/rg-batch/providers/Microsoft.Compute/virtualMachines/vm-Batch-07"),
    Place(f"{_GROUP}/rg-network-Hub"),
)
