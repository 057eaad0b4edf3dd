// What the command line says about sockets and messages, as the library's options: key files are read here.
#pragma once
#include "godwit/ack_retry.hpp"
#include "godwit/options.hpp"
#include "interruption.hpp"
#include "options.hpp"

namespace tool {

// Throws failure with the file and what is wrong with it.
godwit::socket_options settings_of(const options& options);
godwit::ack_retry ack_retry_of(const options& options);
godwit::send_options terms_of(const options& options, const interruption& interrupted);

}  // namespace tool
