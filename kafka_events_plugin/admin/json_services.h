// Schemas, requests, tenants and single writers as members of an answer.
#pragma once

#include "admin/json_writer.h"
#include "admin/services_view.h"

namespace kafka_events::admin {

/// Adds a member for each that is there.
void write_services(Json& json, const ServicesView& services);

}  // namespace kafka_events::admin
