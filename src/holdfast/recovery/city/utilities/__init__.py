"""The networks of a city: taken from files where there are any, else laid along the streets.

The generator is documented, deterministic and labelled ``synthetic``. It puts one source (substation, pumping
station, regulator, central office) in the middle of each compact group of buildings, gateways at the outermost
corners for the roads, joins every street corner to its nearest source along the shortest way, and closes a stated
share of the loops; see `holdfast.recovery.city.utilities.lay`. A building is served by its nearest street corner.
Not specified in the paper: the generator is ours.
"""

from holdfast.recovery.city.utilities.laid import laid_networks, require_one_place
from holdfast.recovery.city.utilities.lay import Layout, People, lay, sites
from holdfast.recovery.city.utilities.link import infer_needs, link, linked_needs, require_nodes
from holdfast.recovery.city.utilities.street_graph import (
    Graph,
    Streets,
    block_graph,
    components,
    contract,
    join,
    linked,
    street_graph,
)

__all__ = [
    "Graph",
    "Layout",
    "People",
    "Streets",
    "block_graph",
    "components",
    "contract",
    "infer_needs",
    "join",
    "laid_networks",
    "lay",
    "link",
    "linked",
    "linked_needs",
    "require_nodes",
    "require_one_place",
    "sites",
    "street_graph",
]
