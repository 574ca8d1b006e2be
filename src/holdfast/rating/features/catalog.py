"""All features by name; the dict `FEATURES` is the seam."""

from holdfast.rating.features.measure import Feature
from holdfast.rating.features.redundancy import (
    alternative_routes,
    cell_towers_within_reach,
    hospital_beds_within_reach,
    hospitals_within_reach,
    power_supply,
    second_means,
    telecom_supply,
)
from holdfast.rating.features.resourcefulness import (
    community_places,
    education,
    emergency_services,
    green_space,
    internet_speed,
    road_density,
    social_cohesion,
)
from holdfast.rating.features.robustness import (
    building_age,
    cell_tower_coverage,
    disability,
    elderly,
    health_insurance,
    heat,
    pollution,
    poverty,
)

FEATURES: dict[str, Feature] = {
    "building_age": building_age,
    "cell_tower_coverage": cell_tower_coverage,
    "poverty": poverty,
    "health_insurance": health_insurance,
    "hospitals_within_reach": hospitals_within_reach,
    "alternative_routes": alternative_routes,
    "cell_towers_within_reach": cell_towers_within_reach,
    "second_means": second_means,
    "road_density": road_density,
    "internet_speed": internet_speed,
    "green_space": green_space,
    "education": education,
    "elderly": elderly,
    "disability": disability,
    "heat": heat,
    "pollution": pollution,
    "hospital_beds_within_reach": hospital_beds_within_reach,
    "power_supply": power_supply,
    "telecom_supply": telecom_supply,
    "emergency_services": emergency_services,
    "social_cohesion": social_cohesion,
    "community_places": community_places,
}
