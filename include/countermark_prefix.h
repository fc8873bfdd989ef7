/* countermark_prefix.h - the functions under a prefix of your choice, for a library built with COUNTERMARK_PREFIX=app_:
 *
 *     #define CMK_PREFIX app_
 *     #include "countermark.h"
 */
#ifndef COUNTERMARK_PREFIX_H
#define COUNTERMARK_PREFIX_H

#define CMK_JOIN_(prefix, name) prefix##name
#define CMK_JOIN(prefix, name) CMK_JOIN_(prefix, name)

#define cmk_abi CMK_JOIN(CMK_PREFIX, cmk_abi)
#define cmk_authorization CMK_JOIN(CMK_PREFIX, cmk_authorization)
#define cmk_challenge CMK_JOIN(CMK_PREFIX, cmk_challenge)
#define cmk_claims_at CMK_JOIN(CMK_PREFIX, cmk_claims_at)
#define cmk_claims_bytes CMK_JOIN(CMK_PREFIX, cmk_claims_bytes)
#define cmk_claims_date CMK_JOIN(CMK_PREFIX, cmk_claims_date)
#define cmk_claims_get CMK_JOIN(CMK_PREFIX, cmk_claims_get)
#define cmk_claims_json CMK_JOIN(CMK_PREFIX, cmk_claims_json)
#define cmk_digest CMK_JOIN(CMK_PREFIX, cmk_digest)
#define cmk_features CMK_JOIN(CMK_PREFIX, cmk_features)
#define cmk_find CMK_JOIN(CMK_PREFIX, cmk_find)
#define cmk_http_status CMK_JOIN(CMK_PREFIX, cmk_http_status)
#define cmk_issue CMK_JOIN(CMK_PREFIX, cmk_issue)
#define cmk_key_bytes CMK_JOIN(CMK_PREFIX, cmk_key_bytes)
#define cmk_keys_add_jwk CMK_JOIN(CMK_PREFIX, cmk_keys_add_jwk)
#define cmk_keys_add_jwks CMK_JOIN(CMK_PREFIX, cmk_keys_add_jwks)
#define cmk_keys_add_sec1 CMK_JOIN(CMK_PREFIX, cmk_keys_add_sec1)
#define cmk_keys_add_secret CMK_JOIN(CMK_PREFIX, cmk_keys_add_secret)
#define cmk_keys_add_spki CMK_JOIN(CMK_PREFIX, cmk_keys_add_spki)
#define cmk_keys_count CMK_JOIN(CMK_PREFIX, cmk_keys_count)
#define cmk_keys_head_bytes CMK_JOIN(CMK_PREFIX, cmk_keys_head_bytes)
#define cmk_keys_init CMK_JOIN(CMK_PREFIX, cmk_keys_init)
#define cmk_keys_open CMK_JOIN(CMK_PREFIX, cmk_keys_open)
#define cmk_keys_size_for CMK_JOIN(CMK_PREFIX, cmk_keys_size_for)
#define cmk_keys_wipe CMK_JOIN(CMK_PREFIX, cmk_keys_wipe)
#define cmk_scratch_bytes CMK_JOIN(CMK_PREFIX, cmk_scratch_bytes)
#define cmk_signer_bytes CMK_JOIN(CMK_PREFIX, cmk_signer_bytes)
#define cmk_signer_of_jwk CMK_JOIN(CMK_PREFIX, cmk_signer_of_jwk)
#define cmk_signer_of_scalar CMK_JOIN(CMK_PREFIX, cmk_signer_of_scalar)
#define cmk_signer_of_secret CMK_JOIN(CMK_PREFIX, cmk_signer_of_secret)
#define cmk_signer_public CMK_JOIN(CMK_PREFIX, cmk_signer_public)
#define cmk_signer_wipe CMK_JOIN(CMK_PREFIX, cmk_signer_wipe)
#define cmk_sketch_bytes CMK_JOIN(CMK_PREFIX, cmk_sketch_bytes)
#define cmk_sketch_init CMK_JOIN(CMK_PREFIX, cmk_sketch_init)
#define cmk_sketch_wipe CMK_JOIN(CMK_PREFIX, cmk_sketch_wipe)
#define cmk_stage_name CMK_JOIN(CMK_PREFIX, cmk_stage_name)
#define cmk_status_name CMK_JOIN(CMK_PREFIX, cmk_status_name)
#define cmk_status_sentence CMK_JOIN(CMK_PREFIX, cmk_status_sentence)
#define cmk_value_boolean CMK_JOIN(CMK_PREFIX, cmk_value_boolean)
#define cmk_value_bytes CMK_JOIN(CMK_PREFIX, cmk_value_bytes)
#define cmk_value_element CMK_JOIN(CMK_PREFIX, cmk_value_element)
#define cmk_value_integer CMK_JOIN(CMK_PREFIX, cmk_value_integer)
#define cmk_value_json CMK_JOIN(CMK_PREFIX, cmk_value_json)
#define cmk_value_kind CMK_JOIN(CMK_PREFIX, cmk_value_kind)
#define cmk_value_member CMK_JOIN(CMK_PREFIX, cmk_value_member)
#define cmk_value_text CMK_JOIN(CMK_PREFIX, cmk_value_text)
#define cmk_verifier_bytes CMK_JOIN(CMK_PREFIX, cmk_verifier_bytes)
#define cmk_verifier_init_abi CMK_JOIN(CMK_PREFIX, cmk_verifier_init_abi)
#define cmk_verifier_wipe CMK_JOIN(CMK_PREFIX, cmk_verifier_wipe)
#define cmk_verify_abi CMK_JOIN(CMK_PREFIX, cmk_verify_abi)
#define cmk_verify_opaque_abi CMK_JOIN(CMK_PREFIX, cmk_verify_opaque_abi)

#endif
