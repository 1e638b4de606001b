//! Reads the specification on standard input, and writes the client's module to standard output.

use std::{error::Error, io};

use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use quote::quote;

fn main() -> Result<(), Box<dyn Error>> {
    let specification: openapiv3::OpenAPI = serde_json::from_reader(io::stdin().lock())?;
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_inner_type(quote!(crate::Access))
        .with_pre_hook_async(quote!(crate::access::prepare));
    let tokens = Generator::new(&settings).generate_tokens(&specification)?;
    print!("{}", prettyplease::unparse(&syn::parse2(tokens)?));
    Ok(())
}
