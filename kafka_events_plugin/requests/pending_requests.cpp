#include "requests/pending_requests.h"
