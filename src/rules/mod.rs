//! Rules: dated standards, looked up by date and place.
