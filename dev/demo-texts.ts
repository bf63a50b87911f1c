/** What the visitors of a small furniture and bookbinding workshop write. Invented, every word. */

export interface DemoText {
  readonly subject?: string;
  readonly message: string;
  readonly locale: string;
}

export const PEOPLE: readonly (readonly [name: string, locale: string, country: string])[] = [
  ["Margaret Ellwood", "en-GB", "GB"],
  ["Tomás Ibarra", "es", "ES"],
  ["Aïcha Benali", "fr", "FR"],
  ["Jonas Brandt", "de", "DE"],
  ["Ruth Okonkwo", "en", "NG"],
  ["Henrik Sørensen", "da", "DK"],
  ["Priya Raman", "en-IN", "IN"],
  ["Oliver Hartley", "en-GB", "GB"],
  ["Zofia Wiśniewska", "pl", "PL"],
  ["Lukas Meier", "de-CH", "CH"],
  ["Grace Kimani", "en", "KE"],
  ["Émile Laurent", "fr", "BE"],
  ["Saoirse Byrne", "en-IE", "IE"],
  ["Marta Oliveira", "pt", "PT"],
  ["Daniel Achterberg", "nl", "NL"],
  ["Yuki Tanabe", "en", "JP"],
  ["Eleanor Whitcombe", "en-GB", "GB"],
  ["Mehmet Aydın", "tr", "TR"],
  ["Katarina Novak", "en", "SI"],
  ["Samuel Osei", "en", "GH"],
  ["Birgit Falkenstein", "de", "AT"],
  ["Charlotte Nwosu", "en-GB", "GB"],
  ["Ivan Petrov", "en", "BG"],
  ["Leila Haddad", "fr", "FR"],
  ["George Papadakis", "en", "GR"],
];

export const TEXTS: readonly DemoText[] = [
  {
    subject: "Rebinding a family Bible",
    locale: "en",
    message:
      "Good morning,\n\nWe have a family Bible from 1868. The spine has come away and the first gathering is loose, but the pages themselves are in fair condition. Would you take on something like this, and roughly what should we expect it to cost?\n\nI can send photographs, or bring it in any weekday after four.",
  },
  {
    subject: "Do you deliver to the Isle of Wight?",
    locale: "en",
    message:
      "I am looking at the oak reading desk in your window. Do you deliver to the Isle of Wight, and is the lamp included?",
  },
  {
    subject: "Order 20418: one shelf is missing",
    locale: "en",
    message:
      "The bookcase arrived yesterday and is beautiful. One of the five shelves is not in the box, though. The packing list says five. Could you send it on?\n\nNo hurry, but my nephew has already claimed the top one.",
  },
  {
    subject: "Lieferzeit für Notizbücher mit Prägung",
    locale: "de",
    message:
      "Guten Tag,\n\nwir möchten für unser Institut 120 Notizbücher im Format A5 mit blinder Prägung bestellen. Wie lange wäre die Lieferzeit, und bis wann müssten Sie die Druckdaten haben?\n\nMit freundlichen Grüßen",
  },
  {
    locale: "en",
    message: "Are you open on the Saturday before Christmas?",
  },
  {
    subject: "Devis pour une bibliothèque sur mesure",
    locale: "fr",
    message:
      "Bonjour,\n\nNous cherchons une bibliothèque en noyer pour un mur de 3,40 m, hauteur sous plafond 2,75 m. Est-il possible d’obtenir un devis, et livrez-vous en France ?\n\nMerci d’avance.",
  },
  {
    subject: "Workshop in March",
    locale: "en",
    message:
      "Hello! Is there still a place on the Coptic binding workshop in March? There would be two of us. My daughter is fourteen; is that too young?",
  },
  {
    subject: "Invoice for our accounts",
    locale: "en",
    message:
      "Could you please send the invoice for last month’s order as a PDF, addressed to Harbour Books Ltd? Our accountant needs our VAT number on it. It is in the attachment of our first e-mail.",
  },
  {
    subject: "¿Hacen envíos a España?",
    locale: "es",
    message:
      "Buenas tardes. Me interesa el escritorio pequeño de cerezo. ¿Hacen envíos a España y cuánto tardaría aproximadamente?",
  },
  {
    subject: "A drawer that sticks",
    locale: "en",
    message:
      "The lower left drawer of the writing table I bought in May sticks when the weather is damp. Is there something I can do myself before I bring it in?",
  },
  {
    locale: "en",
    message:
      "I left a green scarf in your shop on Thursday, I think on the chair by the paper samples. Have you found it?",
  },
  {
    subject: "Wholesale terms",
    locale: "en",
    message:
      "We run two stationery shops and would like to carry your notebooks. Could you tell us your wholesale terms, minimum quantities and the lead time for a first order of about 300 pieces?",
  },
  {
    subject: "Reparatie van een stoel",
    locale: "nl",
    message:
      "Goedemiddag, de rugleuning van een van onze zes stoelen is gebroken. Kunnen jullie die repareren, of een losse stoel namaken?",
  },
  {
    subject: "Thank you",
    locale: "en",
    message:
      "No question this time. The guest book was on the table at our wedding and everyone asked where it came from. Thank you for finishing it in time.",
  },
];

export const SPAM: readonly DemoText[] = [
  {
    subject: "RANK #1 on every search engine",
    locale: "en",
    message:
      "Dear sir, we noticed your website is not visible. Buy 5000 backlinks today: http://links.example http://rank.example http://fast.example http://seo.example http://traffic.example http://top.example",
  },
  {
    subject: "Your crypto reward is waiting",
    locale: "en",
    message: "Claim within 24 hours at http://reward.example before it expires!!!",
  },
];

export const NOTES: readonly string[] = [
  "Rang back, no answer. Trying again tomorrow morning.",
  "Sent the price list and two photographs of similar work.",
  "Ines in the workshop says six weeks at the moment.",
  "Asked for the measurements.",
  "Agreed on Thursday, 16:30. Parking is behind the house.",
  "Shelf found in the back room, goes out with today's post.",
];

export const SOURCES = ["contact-page", "contact-page", "product-page", "workshops", "footer"];
