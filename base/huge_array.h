// Memory for what is reached at random: in huge pages where the system gives some, so that a
// look-up seldom waits for a page table.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace spate {

inline constexpr size_t kHugePage = size_t{2} << 20;

// Uninitialised memory; throws std::bad_alloc like any container. What is never touched costs
// address space only. Small blocks do not ask for huge pages: a quarter of one would be waste.
inline void* AllocateHuge(size_t bytes) {
  const bool huge = bytes >= kHugePage / 2;
  const size_t alignment = huge ? kHugePage : 64;
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  if (huge) madvise(memory, (bytes + alignment - 1) / alignment * alignment, MADV_HUGEPAGE);
  return memory;
}

// An array of plain data, uninitialised.
template <class T>
class HugeArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  HugeArray() = default;
  explicit HugeArray(size_t size) : memory_(static_cast<T*>(AllocateHuge(size * sizeof(T)))) {}

  T* data() { return memory_.get(); }
  const T* data() const { return memory_.get(); }
  T& operator[](size_t i) { return memory_.get()[i]; }
  const T& operator[](size_t i) const { return memory_.get()[i]; }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  std::unique_ptr<T, Free> memory_;
};

// For std::vector.
template <class T>
struct HugeAllocator {
  using value_type = T;
  HugeAllocator() = default;
  // As containers ask.
  template <class U>
  HugeAllocator(const HugeAllocator<U>&) {}  // NOLINT(google-explicit-constructor)
  T* allocate(size_t size) { return static_cast<T*>(AllocateHuge(size * sizeof(T))); }
  void deallocate(T* memory, size_t) { std::free(memory); }
  friend bool operator==(const HugeAllocator&, const HugeAllocator&) { return true; }
};

template <class T>
using HugeVector = std::vector<T, HugeAllocator<T>>;

}  // namespace spate
