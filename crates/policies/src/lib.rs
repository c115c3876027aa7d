//! Ready packages of transom for the engines that decide about Kubernetes objects.
pub mod cel;
pub mod kubernetes;
