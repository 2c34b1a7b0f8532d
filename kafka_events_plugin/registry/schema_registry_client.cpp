#include "registry/schema_registry_client.h"
