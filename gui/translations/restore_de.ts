<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>AboutDialog</name>
        <message>
            <source>About Restore</source>
            <translation>Über Restore</translation>
        </message>
        <message>
            <source>Damaged pictures made good again, on this machine alone: nothing is sent anywhere, and originals are never changed.</source>
            <translation>Beschädigte Bilder wieder gut gemacht, allein auf diesem Rechner: Nichts wird irgendwohin gesendet, und Originale werden nie verändert.</translation>
        </message>
        <message>
            <source>Models: {names}</source>
            <translation>Modelle: {names}</translation>
        </message>
        <message>
            <source>Devices: {names}</source>
            <translation>Geräte: {names}</translation>
        </message>
    </context>
    <context>
        <name>Actions</name>
        <message>
            <source>Open…</source>
            <translation>Öffnen…</translation>
        </message>
        <message>
            <source>Open folder…</source>
            <translation>Ordner öffnen…</translation>
        </message>
        <message>
            <source>Paste</source>
            <translation>Einfügen</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export all</source>
            <translation>Alle exportieren</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Pause</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>Anhalten</translation>
        </message>
        <message>
            <source>Retry failed files</source>
            <translation>Fehlgeschlagene wiederholen</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>Rückgängig</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>Wiederholen</translation>
        </message>
        <message>
            <source>Select all files</source>
            <translation>Alle Dateien auswählen</translation>
        </message>
        <message>
            <source>Copy as command</source>
            <translation>Als Befehl kopieren</translation>
        </message>
        <message>
            <source>Preferences…</source>
            <translation>Einstellungen…</translation>
        </message>
        <message>
            <source>Fit</source>
            <translation>Einpassen</translation>
        </message>
        <message>
            <source>Actual size</source>
            <translation>Originalgröße</translation>
        </message>
        <message>
            <source>Zoom in</source>
            <translation>Vergrößern</translation>
        </message>
        <message>
            <source>Zoom out</source>
            <translation>Verkleinern</translation>
        </message>
        <message>
            <source>Before and after, divided</source>
            <translation>Vorher und nachher, geteilt</translation>
        </message>
        <message>
            <source>Before and after, side by side</source>
            <translation>Vorher und nachher, nebeneinander</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Unterschied</translation>
        </message>
        <message>
            <source>Show the original while held</source>
            <translation>Original zeigen, solange gedrückt</translation>
        </message>
        <message>
            <source>Next picture</source>
            <translation>Nächstes Bild</translation>
        </message>
        <message>
            <source>Previous picture</source>
            <translation>Voriges Bild</translation>
        </message>
        <message>
            <source>Move the picture</source>
            <translation>Bild verschieben</translation>
        </message>
        <message>
            <source>Brush</source>
            <translation>Pinsel</translation>
        </message>
        <message>
            <source>Eraser</source>
            <translation>Radierer</translation>
        </message>
        <message>
            <source>Box</source>
            <translation>Rechteck</translation>
        </message>
        <message>
            <source>Lasso</source>
            <translation>Lasso</translation>
        </message>
        <message>
            <source>Colour point</source>
            <translation>Farbpunkt</translation>
        </message>
        <message>
            <source>Smaller brush</source>
            <translation>Kleinerer Pinsel</translation>
        </message>
        <message>
            <source>Larger brush</source>
            <translation>Größerer Pinsel</translation>
        </message>
        <message>
            <source>Detect marks</source>
            <translation>Wasserzeichen suchen</translation>
        </message>
        <message>
            <source>Clear the mask</source>
            <translation>Maske löschen</translation>
        </message>
        <message>
            <source>Log</source>
            <translation>Protokoll</translation>
        </message>
        <message>
            <source>Keyboard shortcuts</source>
            <translation>Tastenkürzel</translation>
        </message>
        <message>
            <source>About Restore</source>
            <translation>Über Restore</translation>
        </message>
    </context>
    <context>
        <name>Canvas</name>
        <message>
            <source>Before</source>
            <translation>Vorher</translation>
        </message>
        <message>
            <source>After</source>
            <translation>Nachher</translation>
        </message>
        <message>
            <source>Original</source>
            <translation>Original</translation>
        </message>
        <message>
            <source>Difference, 4 times</source>
            <translation>Unterschied, vierfach</translation>
        </message>
        <message>
            <source>Drop photos or folders here</source>
            <translation>Fotos oder Ordner hier ablegen</translation>
        </message>
        <message>
            <source>or click to choose them</source>
            <translation>oder klicken, um sie auszuwählen</translation>
        </message>
        <message>
            <source>Originals are never changed.</source>
            <translation>Originale werden nie verändert.</translation>
        </message>
        <message>
            <source>Picture</source>
            <translation>Bild</translation>
        </message>
        <message>
            <source>Remove a colour</source>
            <translation>Farbe entfernen</translation>
        </message>
        <message>
            <source>Paint</source>
            <translation>Malen</translation>
        </message>
        <message>
            <source>Erase</source>
            <translation>Radieren</translation>
        </message>
        <message>
            <source>Mark an area</source>
            <translation>Bereich markieren</translation>
        </message>
        <message>
            <source>Clear an area</source>
            <translation>Bereich löschen</translation>
        </message>
        <message>
            <source>Set a colour</source>
            <translation>Farbe setzen</translation>
        </message>
        <message>
            <source>Move a colour</source>
            <translation>Farbe verschieben</translation>
        </message>
    </context>
    <context>
        <name>CardDialog</name>
        <message>
            <source>Parameters</source>
            <translation>Parameter</translation>
        </message>
        <message>
            <source>Work</source>
            <translation>Aufwand</translation>
        </message>
        <message>
            <source>Made</source>
            <translation>Erstellt</translation>
        </message>
        <message>
            <source>Trained on</source>
            <translation>Trainiert mit</translation>
        </message>
        <message>
            <source>Measured</source>
            <translation>Gemessen</translation>
        </message>
        <message>
            <source>The whole card</source>
            <translation>Die ganze Karte</translation>
        </message>
    </context>
    <context>
        <name>Client</name>
        <message>
            <source>The engine ended unexpectedly and was started again.</source>
            <translation>Das Rechenwerk brach unerwartet ab und wurde neu gestartet.</translation>
        </message>
        <message>
            <source>The engine does not start; `restore doctor` says why.</source>
            <translation>Das Rechenwerk startet nicht; `restore doctor` sagt, warum.</translation>
        </message>
    </context>
    <context>
        <name>ColorizePanel</name>
        <message>
            <source>Saturation</source>
            <translation>Sättigung</translation>
        </message>
        <message>
            <source>Move the picture</source>
            <translation>Bild verschieben</translation>
        </message>
        <message>
            <source>Set a colour point</source>
            <translation>Farbpunkt setzen</translation>
        </message>
        <message>
            <source>Set a colour</source>
            <translation>Farbe setzen</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <source>Clear</source>
            <translation>Löschen</translation>
        </message>
        <message>
            <source>Clear the colours</source>
            <translation>Farben löschen</translation>
        </message>
        <message>
            <source>Show where a colour helps most</source>
            <translation>Zeigen, wo eine Farbe hilft</translation>
        </message>
        <message>
            <source>Colour photos too</source>
            <translation>Auch Farbfotos</translation>
        </message>
        <message>
            <source>Colours of this picture</source>
            <translation>Farben dieses Bildes</translation>
        </message>
        <message>
            <source>Change a colour</source>
            <translation>Farbe ändern</translation>
        </message>
        <message>
            <source>Remove a colour</source>
            <translation>Farbe entfernen</translation>
        </message>
        <message>
            <source>Choose the dropper and click on the picture.</source>
            <translation>Pipette wählen und auf das Bild klicken.</translation>
        </message>
        <message>
            <source>Click on a point to change its colour.</source>
            <translation>Auf einen Punkt klicken, um seine Farbe zu ändern.</translation>
        </message>
        <message>
            <source>Drag the point to move it; choose its colour here:</source>
            <translation>Den Punkt ziehen, um ihn zu verschieben; seine Farbe hier wählen:</translation>
        </message>
    </context>
    <context>
        <name>ColourPicker</name>
        <message>
            <source>Colour as a code</source>
            <translation>Farbe als Code</translation>
        </message>
        <message>
            <source>Recent</source>
            <translation>Zuletzt</translation>
        </message>
        <message>
            <source>Colour {code}</source>
            <translation>Farbe {code}</translation>
        </message>
    </context>
    <context>
        <name>DenoisePanel</name>
        <message>
            <source>Find the noise level</source>
            <translation>Rauschpegel ermitteln</translation>
        </message>
        <message>
            <source>Noise level</source>
            <translation>Rauschpegel</translation>
        </message>
        <message>
            <source>Found in this picture: {level}</source>
            <translation>In diesem Bild gefunden: {level}</translation>
        </message>
        <message>
            <source>It is found for each picture anew.</source>
            <translation>Er wird für jedes Bild neu ermittelt.</translation>
        </message>
        <message>
            <source>The same for all pictures.</source>
            <translation>Derselbe für alle Bilder.</translation>
        </message>
    </context>
    <context>
        <name>FileStrip</name>
        <message>
            <source>Open pictures</source>
            <translation>Bilder öffnen</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>Dateien</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Retry</source>
            <translation>Wiederholen</translation>
        </message>
        <message>
            <source>Show the file</source>
            <translation>Datei zeigen</translation>
        </message>
        <message>
            <source>Show the result</source>
            <translation>Ergebnis zeigen</translation>
        </message>
        <message>
            <source>Copy the error</source>
            <translation>Fehler kopieren</translation>
        </message>
        <message>
            <source>Remove from the list</source>
            <translation>Aus der Liste entfernen</translation>
        </message>
        <message numerus="yes">
            <source>%n picture(s)</source>
            <translation>
                <numerusform>%n Bild</numerusform>
                <numerusform>%n Bilder</numerusform>
            </translation>
        </message>
        <message>
            <source>{chosen} of {total} selected</source>
            <translation>{chosen} von {total} gewählt</translation>
        </message>
    </context>
    <context>
        <name>Inspector</name>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export all</source>
            <translation>Alle exportieren</translation>
        </message>
        <message>
            <source>Copy as command</source>
            <translation>Als Befehl kopieren</translation>
        </message>
        <message>
            <source>The same for the command line, on the clipboard</source>
            <translation>Dasselbe für die Befehlszeile, in die Zwischenablage</translation>
        </message>
    </context>
    <context>
        <name>JobBar</name>
        <message>
            <source>Progress of all files</source>
            <translation>Fortschritt aller Dateien</translation>
        </message>
        <message>
            <source>Progress of the current file</source>
            <translation>Fortschritt der aktuellen Datei</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Pause</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>Anhalten</translation>
        </message>
        <message>
            <source>Show the log</source>
            <translation>Protokoll zeigen</translation>
        </message>
        <message>
            <source>Log</source>
            <translation>Protokoll</translation>
        </message>
        <message>
            <source>Copy the log</source>
            <translation>Protokoll kopieren</translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <source>Getting ready</source>
            <translation>Vorbereitung</translation>
        </message>
        <message>
            <source>Stopping</source>
            <translation>Wird angehalten</translation>
        </message>
        <message>
            <source>Paused at {name}</source>
            <translation>Pause bei {name}</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>noch {time}</translation>
        </message>
        <message>
            <source>Engine starting…</source>
            <translation>Rechenwerk startet…</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Bereit</translation>
        </message>
    </context>
    <context>
        <name>Jobs</name>
        <message numerus="yes">
            <source>%n done</source>
            <translation>
                <numerusform>%n fertig</numerusform>
                <numerusform>%n fertig</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n skipped, being there already</source>
            <translation>
                <numerusform>%n übersprungen, schon vorhanden</numerusform>
                <numerusform>%n übersprungen, schon vorhanden</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n failed</source>
            <translation>
                <numerusform>%n fehlgeschlagen</numerusform>
                <numerusform>%n fehlgeschlagen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n left</source>
            <translation>
                <numerusform>%n übrig</numerusform>
                <numerusform>%n übrig</numerusform>
            </translation>
        </message>
        <message>
            <source>There is nothing to export: open some pictures first.</source>
            <translation>Es gibt nichts zu exportieren: Öffnen Sie zuerst Bilder.</translation>
        </message>
        <message>
            <source>Every step is switched off: switch one on first.</source>
            <translation>Alle Schritte sind ausgeschaltet: Schalten Sie zuerst einen ein.</translation>
        </message>
        <message>
            <source>the result is there already</source>
            <translation>das Ergebnis ist schon da</translation>
        </message>
        <message>
            <source>Stopped.</source>
            <translation>Angehalten.</translation>
        </message>
    </context>
    <context>
        <name>Menus</name>
        <message>
            <source>&amp;File</source>
            <translation>&amp;Datei</translation>
        </message>
        <message>
            <source>Open recent</source>
            <translation>Zuletzt geöffnet</translation>
        </message>
        <message>
            <source>&amp;Edit</source>
            <translation>&amp;Bearbeiten</translation>
        </message>
        <message>
            <source>&amp;View</source>
            <translation>&amp;Ansicht</translation>
        </message>
        <message>
            <source>&amp;Help</source>
            <translation>&amp;Hilfe</translation>
        </message>
    </context>
    <context>
        <name>MessageBar</name>
        <message>
            <source>Dismiss</source>
            <translation>Schließen</translation>
        </message>
    </context>
    <context>
        <name>ModelRow</name>
        <message>
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <source>About this model</source>
            <translation>Über dieses Modell</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <source>Fast</source>
            <translation>Schnell</translation>
        </message>
        <message>
            <source>Best</source>
            <translation>Bestes</translation>
        </message>
        <message>
            <source>Own file…</source>
            <translation>Eigene Datei…</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>Modelle</translation>
        </message>
        <message>
            <source>Choose a model</source>
            <translation>Modell wählen</translation>
        </message>
        <message>
            <source>Change the model</source>
            <translation>Modell ändern</translation>
        </message>
    </context>
    <context>
        <name>Opening</name>
        <message>
            <source>Open pictures</source>
            <translation>Bilder öffnen</translation>
        </message>
        <message>
            <source>Pictures</source>
            <translation>Bilder</translation>
        </message>
        <message>
            <source>Open folder</source>
            <translation>Ordner öffnen</translation>
        </message>
        <message>
            <source>There is no picture on the clipboard.</source>
            <translation>In der Zwischenablage ist kein Bild.</translation>
        </message>
    </context>
    <context>
        <name>OutputPanel</name>
        <message>
            <source>Output</source>
            <translation>Ausgabe</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>Ordner</translation>
        </message>
        <message>
            <source>Choose a folder</source>
            <translation>Ordner wählen</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <source>Like the original</source>
            <translation>Wie das Original</translation>
        </message>
        <message>
            <source>Quality of its own</source>
            <translation>Eigene Qualität</translation>
        </message>
        <message>
            <source>Otherwise a JPEG keeps the quality that it has, if that is a good one</source>
            <translation>Sonst behält ein JPEG seine Qualität, wenn sie gut ist</translation>
        </message>
        <message>
            <source>Quality</source>
            <translation>Qualität</translation>
        </message>
        <message>
            <source>Replace results that are there</source>
            <translation>Vorhandene Ergebnisse ersetzen</translation>
        </message>
        <message>
            <source>“restored” beside the pictures</source>
            <translation>„restored“ bei den Bildern</translation>
        </message>
        <message>
            <source>Open a picture to see where its result goes.</source>
            <translation>Öffnen Sie ein Bild, um den Ort des Ergebnisses zu sehen.</translation>
        </message>
    </context>
    <context>
        <name>Plane</name>
        <message>
            <source>Colours that are possible here</source>
            <translation>Farben, die hier möglich sind</translation>
        </message>
    </context>
    <context>
        <name>PreferencesDialog</name>
        <message>
            <source>Preferences</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>General</source>
            <translation>Allgemein</translation>
        </message>
        <message>
            <source>Keyboard</source>
            <translation>Tastatur</translation>
        </message>
        <message>
            <source>Pages</source>
            <translation>Seiten</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <source>Automatic: the fastest</source>
            <translation>Automatisch: das schnellste</translation>
        </message>
        <message>
            <source>Tiles</source>
            <translation>Kacheln</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <source>{side} pixels</source>
            <translation>{side} Pixel</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>Design</translation>
        </message>
        <message>
            <source>Like the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Smaller tiles need less memory. Results are the same for the eye.</source>
            <translation>Kleinere Kacheln brauchen weniger Speicher. Das Ergebnis ist für das Auge dasselbe.</translation>
        </message>
        <message>
            <source>Nothing is ever sent anywhere.</source>
            <translation>Nichts wird je irgendwohin gesendet.</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>Action</source>
            <translation>Aktion</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>Tasten</translation>
        </message>
    </context>
    <context>
        <name>Preview</name>
        <message>
            <source>Detect</source>
            <translation>Suchen</translation>
        </message>
    </context>
    <context>
        <name>RecipeList</name>
        <message>
            <source>not installed</source>
            <translation>nicht installiert</translation>
        </message>
        <message>
            <source>This version has no model for this step.</source>
            <translation>Diese Version hat kein Modell für diesen Schritt.</translation>
        </message>
        <message>
            <source>Switch on: {name}</source>
            <translation>Einschalten: {name}</translation>
        </message>
        <message>
            <source>Switch off: {name}</source>
            <translation>Ausschalten: {name}</translation>
        </message>
        <message>
            <source>Move a step</source>
            <translation>Schritt verschieben</translation>
        </message>
    </context>
    <context>
        <name>Stages</name>
        <message>
            <source>Looking for marks</source>
            <translation>Suche nach Wasserzeichen</translation>
        </message>
        <message>
            <source>Looking where a colour helps most</source>
            <translation>Suche, wo eine Farbe hilft</translation>
        </message>
        <message>
            <source>Preview</source>
            <translation>Vorschau</translation>
        </message>
        <message>
            <source>Computing</source>
            <translation>Berechnung</translation>
        </message>
    </context>
    <context>
        <name>States</name>
        <message>
            <source>Waiting</source>
            <translation>Wartet</translation>
        </message>
        <message>
            <source>Running</source>
            <translation>Läuft</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Failed</source>
            <translation>Fehlgeschlagen</translation>
        </message>
        <message>
            <source>Skipped: the result is there already</source>
            <translation>Übersprungen: das Ergebnis ist schon da</translation>
        </message>
    </context>
    <context>
        <name>StepList</name>
        <message>
            <source>Steps</source>
            <translation>Schritte</translation>
        </message>
        <message>
            <source>Move the step up</source>
            <translation>Schritt nach oben</translation>
        </message>
        <message>
            <source>Move the step down</source>
            <translation>Schritt nach unten</translation>
        </message>
        <message>
            <source>Move a step</source>
            <translation>Schritt verschieben</translation>
        </message>
    </context>
    <context>
        <name>StepPanel</name>
        <message>
            <source>Not installed in this version.</source>
            <translation>In dieser Version nicht installiert.</translation>
        </message>
        <message>
            <source>Strength</source>
            <translation>Stärke</translation>
        </message>
    </context>
    <context>
        <name>Studio</name>
        <message numerus="yes">
            <source>%n file(s) or folder(s) without a picture were left out: {names}</source>
            <translation>
                <numerusform>%n Datei oder Ordner ohne Bild wurde ausgelassen: {names}</numerusform>
                <numerusform>%n Dateien oder Ordner ohne Bild wurden ausgelassen: {names}</numerusform>
            </translation>
        </message>
        <message>
            <source>There is no device {name} on this machine: choose another in the preferences.</source>
            <translation>Das Gerät {name} gibt es auf diesem Rechner nicht: Wählen Sie in den Einstellungen ein anderes.</translation>
        </message>
    </context>
    <context>
        <name>Summary</name>
        <message>
            <source>Retry failed files</source>
            <translation>Fehlgeschlagene wiederholen</translation>
        </message>
        <message>
            <source>Open the folder</source>
            <translation>Ordner öffnen</translation>
        </message>
        <message>
            <source>The last export was cut short: {done} of {total} files are done.</source>
            <translation>Der letzte Export wurde unterbrochen: {done} von {total} Dateien sind fertig.</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <source>Not now</source>
            <translation>Jetzt nicht</translation>
        </message>
    </context>
    <context>
        <name>Tasks</name>
        <message>
            <source>Remove noise</source>
            <translation>Rauschen entfernen</translation>
        </message>
        <message>
            <source>Remove watermark</source>
            <translation>Wasserzeichen entfernen</translation>
        </message>
        <message>
            <source>Colorize</source>
            <translation>Kolorieren</translation>
        </message>
        <message>
            <source>Takes out noise and grain and keeps the detail.</source>
            <translation>Nimmt Rauschen und Korn heraus und erhält die Details.</translation>
        </message>
        <message>
            <source>Gives the pixels below a mark back. For pictures you own or may edit.</source>
            <translation>Gibt die Pixel unter einem Wasserzeichen zurück. Für Bilder, die Ihnen gehören oder die Sie bearbeiten dürfen.</translation>
        </message>
        <message>
            <source>Gives black-and-white photos believable colours.</source>
            <translation>Gibt Schwarz-Weiß-Fotos glaubhafte Farben.</translation>
        </message>
    </context>
    <context>
        <name>ToolBar</name>
        <message>
            <source>Tools</source>
            <translation>Werkzeuge</translation>
        </message>
        <message>
            <source>Zoom</source>
            <translation>Zoom</translation>
        </message>
    </context>
    <context>
        <name>WatermarkPanel</name>
        <message>
            <source>Detect</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>Show what is taken for a mark, so that you can correct it</source>
            <translation>Zeigen, was für ein Wasserzeichen gehalten wird, um es zu korrigieren</translation>
        </message>
        <message>
            <source>Clear</source>
            <translation>Löschen</translation>
        </message>
        <message>
            <source>Forget the mask: the mark is found automatically again</source>
            <translation>Maske vergessen: Das Wasserzeichen wird wieder automatisch gesucht</translation>
        </message>
        <message>
            <source>Move the picture</source>
            <translation>Bild verschieben</translation>
        </message>
        <message>
            <source>Brush: paint over the mark</source>
            <translation>Pinsel: das Wasserzeichen übermalen</translation>
        </message>
        <message>
            <source>Eraser: this is no mark</source>
            <translation>Radierer: dies ist kein Wasserzeichen</translation>
        </message>
        <message>
            <source>Box around the mark (Alt takes out)</source>
            <translation>Rechteck um das Wasserzeichen (Alt nimmt heraus)</translation>
        </message>
        <message>
            <source>Lasso around the mark (Alt takes out)</source>
            <translation>Lasso um das Wasserzeichen (Alt nimmt heraus)</translation>
        </message>
        <message>
            <source>Brush size</source>
            <translation>Pinselgröße</translation>
        </message>
        <message>
            <source>Sensitivity</source>
            <translation>Empfindlichkeit</translation>
        </message>
        <message>
            <source>Show the mask</source>
            <translation>Maske zeigen</translation>
        </message>
        <message>
            <source>Mask of this picture</source>
            <translation>Maske dieses Bildes</translation>
        </message>
        <message>
            <source>Clear the mask</source>
            <translation>Maske löschen</translation>
        </message>
        <message>
            <source>Found automatically in each picture. Detect shows it.</source>
            <translation>Wird in jedem Bild automatisch gesucht. „Suchen“ zeigt sie.</translation>
        </message>
        <message>
            <source>Only what is red is changed, and all of it.</source>
            <translation>Nur was rot ist, wird verändert, und zwar alles.</translation>
        </message>
    </context>
    <context>
        <name>Window</name>
        <message>
            <source>Undo</source>
            <translation>Rückgängig</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>Wiederholen</translation>
        </message>
        <message>
            <source>Starting…</source>
            <translation>Startet…</translation>
        </message>
        <message>
            <source>Device that computes: {name}</source>
            <translation>Gerät, das rechnet: {name}</translation>
        </message>
        <message>
            <source>Copied: {text}</source>
            <translation>Kopiert: {text}</translation>
        </message>
    </context>
</TS>
