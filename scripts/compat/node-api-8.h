// better-sqlite3 13 wants Node-API 10, which lets a reference hold any value; Node-API 8 (Node 18, Electron 25) holds only
// objects, functions, symbols and externals. This header is force-included when the addon is compiled for such a runtime:
// any other value is boxed in an object when its reference is made, and unboxed when it is read.
#pragma once
#include <node_api.h>
#include <atomic>
#include <mutex>
#include <unordered_set>

namespace patchbay_compat {

inline std::mutex guard;
inline std::unordered_set<napi_ref> boxed;
// Read without the lock on the hot path: nearly all references hold objects, and then nothing is ever boxed.
inline std::atomic<size_t> boxed_count{0};

inline bool is_boxed(napi_ref ref) {
  if (boxed_count.load(std::memory_order_acquire) == 0) return false;
  std::lock_guard<std::mutex> lock(guard);
  return boxed.count(ref) != 0;
}

inline napi_status create_reference(napi_env env, napi_value value, uint32_t count, napi_ref* result) {
  napi_valuetype type;
  napi_status status = napi_typeof(env, value, &type);
  if (status != napi_ok) return status;
  if (type == napi_object || type == napi_function || type == napi_symbol || type == napi_external) {
    return napi_create_reference(env, value, count, result);
  }
  napi_value box;
  if ((status = napi_create_object(env, &box)) != napi_ok) return status;
  if ((status = napi_set_element(env, box, 0, value)) != napi_ok) return status;
  if ((status = napi_create_reference(env, box, count, result)) != napi_ok) return status;
  std::lock_guard<std::mutex> lock(guard);
  boxed.insert(*result);
  boxed_count.store(boxed.size(), std::memory_order_release);
  return napi_ok;
}

inline napi_status get_reference_value(napi_env env, napi_ref ref, napi_value* result) {
  napi_status status = napi_get_reference_value(env, ref, result);
  if (status != napi_ok || *result == nullptr || !is_boxed(ref)) return status;
  return napi_get_element(env, *result, 0, result);
}

inline napi_status delete_reference(napi_env env, napi_ref ref) {
  if (is_boxed(ref)) {
    std::lock_guard<std::mutex> lock(guard);
    boxed.erase(ref);
    boxed_count.store(boxed.size(), std::memory_order_release);
  }
  return napi_delete_reference(env, ref);
}

}  // namespace patchbay_compat

#define napi_create_reference patchbay_compat::create_reference
#define napi_get_reference_value patchbay_compat::get_reference_value
#define napi_delete_reference patchbay_compat::delete_reference
