// Precompiled for every test program, as base/pch.h is for the libraries.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/pch.h"
