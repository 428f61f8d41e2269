/** Names that nobody bears, places that no map shows, and numbers kept for fiction. */

export interface DemoPerson {
  readonly given: string;
  readonly family: string;
}

export const people: readonly DemoPerson[] = [
  'Odalys Brambleworth',
  'Tiber Quillfeather',
  'Maribel Thistlecroft',
  'Corwin Emberlake',
  'Saffi Noonstone',
  'Leopold Marrowby',
  'Ingrith Valefinch',
  'Bastian Oxwhistle',
  'Philippa Tanglemere',
  'Rufio Candlewick',
  'Elowen Harkaway',
  'Dario Stonepetal',
  'Wilhelmine Ashbucket',
  'Jory Fennimoor',
  'Celestine Puddifer',
  'Anselm Wrenhollow',
  'Tamsin Larkspindle',
  'Gideon Mossgrave',
  'Yvaine Copperdell',
  'Florian Nettlesby',
  'Isolde Barleymarch',
  'Matthis Owlthorpe',
  'Perpetua Glimmerton',
  'Caspian Rookwillow',
  'Ottilie Duskwater',
  'Lorcan Bellweather',
  'Zinnia Hollowbrook',
  'Emrys Tallowgate',
  'Verity Plumstead-Fox',
  'Hartwig Silberhase',
  'Noemi Cloudberry',
  'Aurel Winterpfad',
  'Séraphine Belleplume',
  'Godric Pennywhistle',
  'Liselotte Mondgarten',
  'Thaddeus Birdsong-Vale',
].map((name) => {
  const [given = '', ...family] = name.split(' ');
  return { given, family: family.join(' ') };
});

export const organisations = [
  'Lanternfish Cartography',
  'Mossgate Pottery',
  'The Velvet Otter Press',
  'Kingfisher & Daughters',
  'Umbra Lens Works',
  'Hollow Reed Records',
  'Zephyrhaus Möbel',
  'Tin Whistle Theatre',
  'Atelier Brume',
  'Paperboat Pictures',
  'Saltmarsh Brewing',
  'Clocktower Candles',
  'Nebelwald Verlag',
  'Larkrise Gardens',
  'Copper Kettle Radio',
  'Pluie d’Été Films',
  'Ninefold Weavers',
  'Foxglove Apothecary',
  'Driftwood Dance',
  'Wunderkammer Spiele',
] as const;

export interface DemoPlace {
  readonly city: string;
  readonly region: string;
  readonly country: 'DE' | 'FR' | 'GB' | 'US';
}

export const places: readonly [DemoPlace, ...DemoPlace[]] = [
  { city: 'Harrowmere', region: 'Pellshire', country: 'GB' },
  { city: 'Dunwick Bay', region: 'Pellshire', country: 'GB' },
  { city: 'Silberau', region: 'Oberquell', country: 'DE' },
  { city: 'Moosbrück', region: 'Oberquell', country: 'DE' },
  { city: 'Nebelstedt', region: 'Oberquell', country: 'DE' },
  { city: 'Belle-Rive-sur-Onde', region: 'Haute-Brume', country: 'FR' },
  { city: 'Saint-Corbin', region: 'Haute-Brume', country: 'FR' },
  { city: 'Cedar Notch', region: 'New Avalon', country: 'US' },
  { city: 'Port Juniper', region: 'New Avalon', country: 'US' },
];

export const streets: readonly [string, ...string[]] = [
  'Lantern Row',
  'Old Tollgate',
  'Quince Lane',
  'Ferry Steps',
  'Weavers’ Yard',
  'Mill Race',
];

export const jobs: readonly [string, ...string[]] = ['Accounts', 'Owner', 'Producer', 'Librarian'];
