// The office sample, and drafts of it as a good model would write them.
#pragma once

#include <string>

#include "generator/prompt/outline.h"
#include "generator/sample/sample.h"

namespace spate::generator {

const Sample& Office();
const Outline& OfficeOutline();

// The service's messages as a JSON list of their names.
std::string MessageList(const OutlineService& service);
// {"behaviour": "chain", …} with all messages of the service.
std::string ChainDraft(const OutlineService& service);
// The service that a request to a model asks for.
const OutlineService& ServiceAskedFor(const std::string& request);

const OutlineService& ServiceNamed(const std::string& name);

}  // namespace spate::generator
