//! The currencies that there are.

use crate::value::Currency;

/// The alphabetic codes of ISO 4217, with those that were withdrawn of late and
/// still stand in records, in the order of the alphabet.
const CODES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD",
    "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF",
    "CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD",
    "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD",
    "HNL", "HRK", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS",
    "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL",
    "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD",
    "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SLL", "SOS", "SRD", "SSP", "STN",
    "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD",
    "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAF", "XAG", "XAU", "XBA", "XBB",
    "XBC", "XBD", "XCD", "XCG", "XDR", "XOF", "XPD", "XPF", "XPT", "XSU", "XTS", "XUA", "XXX", "YER", "ZAR",
    "ZMW", "ZWG", "ZWL",
];

/// The codes that are written most, so that they are thought of first.
const COMMON: &[&str] = &["EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD"];

/// Codes that are in wide use without being in the standard.
const CUSTOMARY: &[&str] = &["BTC", "CNH", "ETH"];

impl Currency {
    /// Returns whether there is such a currency. Values of others are taken all the same: what systems send is theirs.
    pub fn is_known(&self) -> bool {
        let code = self.as_str();
        CODES.binary_search(&code).is_ok() || CUSTOMARY.contains(&code)
    }

    /// Returns the codes of all known currencies, those that are written most first.
    pub fn known() -> impl Iterator<Item = &'static str> {
        let others = CODES.iter().chain(CUSTOMARY).filter(|code| !COMMON.contains(code));
        COMMON.iter().chain(others).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_in_order_and_none_is_there_twice() {
        assert!(CODES.is_sorted_by(|one, next| one < next));
        assert!(Currency::known().all(|code| Currency::parse(code).is_some_and(|code| code.is_known())));
    }

    #[test]
    fn a_code_that_is_misspelt_is_of_no_known_currency() {
        let known = |code: &str| Currency::parse(code).unwrap().is_known();
        assert!(known("EUR") && known("KWD") && known("BTC"));
        assert!(!known("ERU") && !known("AAA"));
    }

    #[test]
    fn whatever_has_its_own_count_of_decimals_is_known() {
        for code in ["BIF", "CLF", "GNF", "ISK", "LYD", "OMR", "UYI", "UYW", "VUV", "XPF"] {
            assert!(Currency::parse(code).is_some_and(|code| code.is_known()), "{code}");
        }
    }
}
