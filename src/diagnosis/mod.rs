//! The troubleshooting flow, the evidence it gathers, the rules that read it and the verdict they come to.
