//! How much memory messages take.

use countersign_core::Message;

/// What the messages take, in bytes: themselves, and the texts that they own. What an allocator adds
/// to each is not in it.
pub fn of(messages: &[Message]) -> usize {
    messages.iter().map(of_one).sum()
}

fn of_one(message: &Message) -> usize {
    let content = &message.content;
    let texts = [
        content.id.as_str(),
        content.from.as_str(),
        content.to.as_str(),
        content.text.as_ref().map_or("", |text| text.as_str()),
    ];
    // The names of the source and the key are shared.
    size_of::<Message>() + texts.map(str::len).iter().sum::<usize>()
}
