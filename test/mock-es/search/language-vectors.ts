/** What Lucene 10.5.1, that of Elasticsearch 9.5.3, makes of texts; recorded from its analyzers. */

/** Analyzers, texts, and the terms with their positions. */
export const analyzed: readonly (readonly [analyzer: string, text: string, terms: string])[] = [
  [
    "german",
    "Die schnellen Füße der Katzen laufen über die grauen Straßen, Fuesse und Mueller auch",
    "schnell@1 fuss@2 katz@4 lauf@5 grau@8 strass@9 fuss@10 mull@12",
  ],
  [
    "french",
    "L'amour des étudiants qu'aujourd’hui les journaux évidemment finissaient de chanter",
    "amou@0 etudiant@2 aujourd’hui@3 journal@5 evidement@6 finisaient@7 chant@9",
  ],
  [
    "spanish",
    "Las mujeres que estuvieron en las ciudades andando con los lápices",
    "mujer@1 ciudad@6 andand@7 lapiz@10",
  ],
  [
    "italian",
    "L'amore dell'uomo che camminava nelle città con gli amici e le ragazze",
    "amore@0 uomo@1 camminav@3 città@5 amici@8 ragazz@11",
  ],
  [
    "portuguese",
    "As nações e os homens que trabalhavam rapidamente nas cidades bonitas",
    "naca@1 homem@4 trabalhavam@6 rapid@7 cidad@9 bonit@10",
  ],
  [
    "russian",
    "Быстрые коты работали и бегали по серым улицам больших городов",
    "быстр@0 кот@1 работа@2 бега@4 сер@6 улиц@7 больш@8 город@9",
  ],
  [
    "dutch",
    "De fietsen van de kinderen en het ei werden mogelijk gemaakt",
    "fiets@1 kinder@4 eier@7 werd@8 mogelijk@9 gemaakt@10",
  ],
  [
    "swedish",
    "Katterna sprang snabbt genom de grå gatorna och husen som han hade sitt",
    "katt@0 sprang@1 snabbt@2 genom@3 grå@5 gat@6 hus@8",
  ],
  [
    "danish",
    "Kattene løb hurtigt gennem de grå gader og husene som han havde",
    "kat@0 løb@1 hurt@2 gennem@3 grå@5 gad@6 hus@8",
  ],
  [
    "norwegian",
    "Kattene løp raskt gjennom de grå gatene og husene som han hadde",
    "katt@0 løp@1 raskt@2 gjennom@3 grå@5 gat@6 hus@8",
  ],
  [
    "finnish",
    "Kissat juoksivat nopeasti harmaiden katujen läpi ja talossa oli lämmintä",
    "kis@0 juoksiv@1 nopeast@2 harm@3 katu@4 läpi@5 talo@7 lämmin@9",
  ],
  [
    "english",
    "The runners' dying cats were generously running through Paris's streets",
    "runner@1 dy@2 cat@3 were@4 gener@5 run@6 through@7 pari@8 street@9",
  ],
  [
    "snowball",
    "The runners' dying cats were generously running through Paris's streets",
    "runner@1 die@2 cat@3 were@4 generous@5 run@6 through@7 pari@8 street@9",
  ],
  [
    "cjk",
    "東京都は、日本の首都 The Tokyo 한국어 あ ｶﾀｶﾅ ＡＢＣ",
    "東京@0 京都@1 都は@2 日本@3 本の@4 の首@5 首都@6 tokyo@8 한국@9 국어@10 あ@11 カタ@12 タカ@13 カナ@14 abc@15",
  ],
];

/** Words of many languages, which every stemmer of {@link stemmed} is given. */
export const words =
  "laufenden grauen systems maisons aimaient nationaux casas ragazze bellezza работая городов running generously evlerinde kissoilla házakban kattene mooiste cidades orașului ebbing lying";

/** Stemmers, and what they make of the words. */
export const stemmed: readonly (readonly [stemmer: string, terms: string])[] = [
  [
    "light_german",
    "laufend grau system maison aimaient nationaux casas ragazz bellezza работая городов running generously evlerind kissoilla hazakban katt mooist cidad orașului ebbing lying",
  ],
  [
    "german",
    "laufend grau system maison aimaient nationaux casas ragazz bellezza работая городов running generously evlerind kissoilla házakban katt mooist cidad orașului ebbing lying",
  ],
  [
    "minimal_german",
    "laufend grau system maison aimaient nationaux casa ragazz bellezza работая городов running generously evlerind kissoilla házakba katten mooist cidad orașului ebbing lying",
  ],
  [
    "light_french",
    "laufenden grauen system maison aimaient national casa ragaz beleza работая городов runing generously evlerind kisoila hazakban katen moist cidad orașului ebing lying",
  ],
  [
    "french",
    "laufenden grauen system maison aim national cas ragazz bellezz работая городов running generously evlerind kissoill házakban katten mooist cidad orașului ebbing lying",
  ],
  [
    "minimal_french",
    "laufenden grauen system maison aimaient national casas ragaz bellezza работая городов running generously evlerind kissoilla házakban katten mooist cidad orașului ebbing lying",
  ],
  [
    "light_spanish",
    "laufenden grauen systems maisons aimaient nationaux cas ragazz bellezz работая городов running generously evlerind kissoill hazakban katten mooist cidad orașului ebbing lying",
  ],
  [
    "spanish",
    "laufend grau systems maisons aimaient nationaux cas ragazz bellezz работая городов running generously evlerind kissoill hazakb katten moo cidad orașului ebbing lying",
  ],
  [
    "light_italian",
    "laufenden grauen systems maisons aimaient nationaux casas ragazz bellezz работая городов running generously evlerind kissoill hazakban katten mooist cidades orașulu ebbing lying",
  ],
  [
    "italian",
    "laufenden grauen systems maisons aimaient nationaux casas ragazz bellezz работая городов running generously evlerind kissoill hàzakban katten mooist cidades orașulu ebbing lying",
  ],
  [
    "light_portuguese",
    "laufenden grauen system maisom aimaient nationaux casa ragazz bellezz работая городов running generously evlerind kissoill hazakban katten mooist cidad orașului ebbing lying",
  ],
  [
    "portuguese",
    "laufenden grauen systems maisons aimaient nationaux cas ragazz bellezz работая городов running generously evlerind kissoill házakban katten moo cidad orașulu ebbing lying",
  ],
  [
    "russian",
    "laufenden grauen systems maisons aimaient nationaux casas ragazze bellezza работ город running generously evlerinde kissoilla házakban kattene mooiste cidades orașului ebbing lying",
  ],
  [
    "dutch",
    "laufend grauen system maison aimaient nationaux casas ragazz bellezza работая городов running generously evlerind kissoilla hazakban kat mooist cidades orașului ebbing lying",
  ],
  [
    "swedish",
    "laufend grauen system maison aimaient nationaux cas ragazz bellezz работая городов running generously evlerind kissoill házakban katten mooist cid orașului ebbing lying",
  ],
  [
    "danish",
    "laufend grauen system maison aimaient nationaux casa ragaz bellezza работая городов running generously evlerind kissoilla házakban kat mooist cidad orașului ebbing lying",
  ],
  [
    "norwegian",
    "laufend grauen system maison aimaient nationaux cas ragazz bellezz работая городов running generously evlerind kissoill házakban katt mooist cidad orașului ebbing lying",
  ],
  [
    "finnish",
    "laufend grauen systems maisons aimaient nationaux casas ragaz bellez работая городов running generously evlerind kiso házakb katten mooist cidades orașului ebbing lying",
  ],
  [
    "hungarian",
    "laufen grau systems maisons aimaien nationaux casas ragazz bellezz работая городов running generously evlerind kissoill ház katten mooist cidades orașulu ebbing lying",
  ],
  [
    "turkish",
    "laufe grauen systems maisons aimaient nationaux casas ragazze bellezza работая городов runningi generously ev kissoil házakba katte moois cidades orașului ebbingi lying",
  ],
  [
    "romanian",
    "laufenden grauen systems maisons aimaient nationaux casas ragazz bellezz работая городов running generously evlerind kissoill házakban katten mooist cidades oraș ebbing lying",
  ],
  [
    "porter2",
    "laufenden grauen system maison aimaient nationaux casa ragazz bellezza работая городов run generous evlerind kissoilla házakban katten mooist cidad orașului ebb lie",
  ],
  [
    "english",
    "laufenden grauen system maison aimaient nationaux casa ragazz bellezza работая городов run gener evlerind kissoilla házakban katten mooist cidad orașului eb ly",
  ],
];
