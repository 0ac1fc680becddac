// {"wait": "10ms"}, {"wait": {"exponential": {"mean": "5ms"}}}
#include "template/surface/verb.h"

namespace spate::tmpl {

Key<Step> WaitKey() {
  return VerbKey<WaitStep, Sole<WaitStep, &WaitStep::time, Codec<TimeLaw>>>(
      {.key = "wait",
       .doc = "lets time pass, drawn afresh each time",
       .example = R"({"exponential": {"mean": "5ms"}})"});
}

}  // namespace spate::tmpl
