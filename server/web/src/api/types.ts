/** The shapes of the API by the names that the pages use; `npm run gen` makes them from the server's document. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Setup = Schemas["Setup"];
export type DatabaseTest = Schemas["DatabaseTest"];
export type SignedIn = Schemas["SignedIn"];
export type ServerAddresses = Schemas["ServerAddresses"];
export type Startup = Schemas["Startup"];
export type Library = Schemas["Library"];
export type Libraries = Schemas["Libraries"];
export type LibraryEdit = Schemas["LibraryEdit"];
export type Preview = Schemas["Preview"];
export type ScanPage = Schemas["ScanPage"];
export type LibraryProblem = Schemas["Problem"];
export type ProblemPage = Schemas["ProblemPage"];
export type Activity = Schemas["Activity"];
export type SettingsSection = Schemas["SettingsSection"];
export type AllSettings = Schemas["AllSettings"];
export type SettingChange = Schemas["SettingChange"];
export type SettingChanges = Schemas["SettingChanges"];
export type ActivityPage = Schemas["ActivityPage"];
export type ActivePeople = Schemas["ActivePeople"];
/** What the kinds of activity begin with. */
export type ActivityTopic = Activity["kind"] extends infer K ? (K extends `${infer Topic}.${string}` ? Topic : never) : never;
export type Scan = Schemas["Scan"];
export type Card = Schemas["Card"];
export type Movie = Schemas["Movie"];
export type Version = Schemas["Version"];
export type Subtitle = Schemas["Subtitle"];
export type Extra = Schemas["Extra"];
export type MovieIndex = Schemas["MovieIndex"];
export type MoviePage = Schemas["MoviePage"];
/** Not called File, which is the browser's own. */
export type MediaFile = Schemas["File"];
export type Stream = Schemas["Stream"];
export type Progress = Schemas["Progress"];
export type BegunCards = Schemas["BegunCards"];
export type BrowserReport = Schemas["BrowserReport"];
export type ContainerReport = Schemas["ContainerReport"];
export type VideoReport = Schemas["VideoReport"];
export type PlayRequest = Schemas["PlayRequest"];
export type Play = Schemas["Play"];
export type Decision = Schemas["Decision"];
export type Method = Schemas["Method"];
export type Action = Schemas["Action"];
export type Reason = Schemas["Reason"];
export type ReasonCode = Schemas["ReasonCode"];
export type Sound = Schemas["Sound"];
export type SubtitleChoice = Schemas["SubtitleChoice"];
export type Quality = Schemas["Quality"];
export type PlayReport = Schemas["PlayReport"];
export type PlayState = Schemas["PlayState"];
export type Preferences = Schemas["Preferences"];
export type FileTicket = Schemas["FileTicket"];
export type Problem = Schemas["APIError"];
export type FieldProblem = Schemas["WrongField"];
export type Language = Schemas["User"]["language"];
